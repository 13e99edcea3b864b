"""What ./quire is made of. Standard library only, Python 3.8 and later."""
