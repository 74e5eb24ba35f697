pytest_plugins = ["pytest_malaposta", "pytester"]
