/* One shared page, which nobody has touched when the process forks. */
#include "bin.h"
#include "demo.h"
#include "turns.h"

static const char help[] HELP_TEXT =
    "test-shared2 [-v]\n"
    "Shows a page shared before anybody touched it. Parent and child print what the\n"
    "other has stored there, twice; when the parent forks the page has no frame yet.\n"
    "-v: with every step explained. Status 0: they read what they should.\n";

int
main(int argc, char **argv)
{
	bool verbose = turns_verbose(argc, argv, help);

	demo_begin(verbose ? "test-shared2: a page that both have before it is there" : NULL);
	return turns(false, verbose);
}
