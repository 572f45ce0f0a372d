#!/bin/sh
# Plays what elsewhere/ encoded and signed, in Python and by the protocol document alone, through
# the kernel; compares the vectors of docs/ with what it makes now; and reads durable storage through a
# sandbox's interface. `--write` writes the vectors anew.
#
#     elsewhere.sh target/release/toru
set -eu
venv=target/elsewhere
python="$venv/bin/python -B" # Without leaving __pycache__.
pins=testing/elsewhere/requirements.txt

# A venv that is not of these pins, or of a Python that has gone, is made anew.
if ! cmp -s $pins $venv/installed.txt || ! $python -c '' 2>/dev/null; then
    rm -rf $venv
    python3 -m venv $venv
    $python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes -r $pins
    cp $pins $venv/installed.txt
fi

if [ "${1:?toru}" = --write ]; then
    $python testing/elsewhere/story.py write docs/vectors/v2.json
else
    $python testing/elsewhere/story.py check docs/vectors/v2.json "$1"
    $python testing/elsewhere/stored.py "$1"
fi
