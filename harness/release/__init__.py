"""May this release go out?  Runs compared, with statistics that one can defend."""
