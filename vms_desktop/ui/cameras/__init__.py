"""The Cameras page and the dialog that adds and edits a camera."""
