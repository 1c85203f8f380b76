// Keys of the back office. Each page of it loads this; what they do is in docs/web.md.
