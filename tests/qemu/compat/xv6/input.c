// gets, atoi and the string functions.
#include "kernel/types.h"
#include "kernel/stat.h"
#include "user/user.h"

int
main(void)
{
	char b[10], c[32] = "0123456789";
	int p[2];

	pipe(p);
	write(p[1], "one\ntwo\rlonger than nine\nend", 28);
	close(p[1]);
	close(0);
	dup(p[0]);
	for (int i = 0; i < 7; i++) {
		b[0] = '?';
		gets(b, sizeof(b));
		printf("%d:", strlen(b));
		for (char *s = b; *s; s++)
			printf(" %d", *s);
		printf("\n");
	}
	printf("%d %d %d %d\n", atoi("12ab"), atoi(""), atoi("-3"), atoi(" 4"));
	printf("%d %d %d\n", strcmp("a", "b"), strcmp("ab", "a"), strcmp("\xff", "a") > 0);
	printf(
	    "%s %d %d\n", strchr("hello", 'l'), strchr("hello", 'z') == 0, strchr("hello", 0) == 0);
	memmove(c + 2, c, 8);
	printf("%s\n", c);
	memmove(c, c + 2, 8);
	printf("%s %d\n", c, memcmp("abc", "abd", 3));
	strcpy(c, "copied");
	memset(c, 'm', 3);
	printf("%s\n", c);
	memcpy(c, "XY", 2);
	memmove(c, "never", -1);
	printf("%s\n", c);
	exit(0);
}
