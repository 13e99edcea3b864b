/* What a program finds when it starts: linked by itself, with a stack of one page. */
#include <quire.h>

/* 0, or the number of what is wrong. */
int
main(void)
{
	long vp = numvp(), pp = numpp(), tables = getptsize();

	if (vp != pp)
		return 1;
	if (vp < 4 || vp > 40)
		return 2;
	if (tables < 2)
		return 3;
	return 0;
}
