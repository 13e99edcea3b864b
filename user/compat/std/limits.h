/* A hosted compiler's own <limits.h> looks for the system's behind it: nothing to add. */
