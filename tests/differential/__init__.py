"""wsedu beside `websockets` and `wsproto`, without I/O."""
