//! What layer 1 and batchers write: frames, internal messages and batches, decoded and encoded.
