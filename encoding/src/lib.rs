//! The nouns of the rollup and their codecs: plain bounded data, no host, no IO.
