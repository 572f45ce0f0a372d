"""In place of the package of this name, which pytezos imports for dates: there are none here, and it is no wheel."""
