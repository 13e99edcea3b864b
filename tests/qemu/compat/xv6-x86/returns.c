#include "types.h"
#include "user.h"

int
main(int argc, char *argv[])
{
	printf(1, "returns\n");
	return 0;
}
