"""The main window around the desk: navigation, status, commands, notices."""
