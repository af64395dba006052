"""The naming backends that come with the library, one file each; found by dotted name, never by import at start."""
