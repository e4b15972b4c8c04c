"""Where rows and blobs lie: the engine, the kinds of columns, the sealing of rows, the stores of blobs."""
