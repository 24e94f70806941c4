"""One module per platform: each makes the folder or file that the platform grades with, which calls `wsedu grade`."""
