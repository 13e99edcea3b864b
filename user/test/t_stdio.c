/* The library: streams, formats, strings, numbers. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

/* ---- printf ---- */

static void
format_is(int line, const char *want, const char *fmt, ...)
{
	char buf[512], small[5];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (strcmp(buf, want) != 0 || n != (int)strlen(want))
		test_fail(__FILE__, line, "%%%s: \"%s\" (%d), not \"%s\"", fmt + 1, buf, n, want);
	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n != (int)strlen(want) || strncmp(small, want, 4) != 0 || strlen(small) > 4)
		test_fail(__FILE__, line, "%%%s: cut to \"%s\" (%d)", fmt + 1, small, n);
}
#define FORMAT(want, ...)	format_is(__LINE__, want, __VA_ARGS__)

TEST(printf_ints, "integers with all flags, widths, precisions and lengths")
{
	FORMAT("0 -1 2147483647 -2147483648", "%d %d %d %d", 0, -1, INT_MAX, INT_MIN);
	FORMAT("4294967295 ffffffff FFFFFFFF 37777777777", "%u %x %X %o", -1, -1, -1, -1);
	FORMAT("[    5][5    ][00005][+5][ 5]", "[%5d][%-5d][%05d][%+d][% d]", 5, 5, 5, 5, 5);
	FORMAT("[   -5][-5   ][-0005]", "[%5d][%-5d][%05d]", -5, -5, -5);
	FORMAT("[  005][005  ][+005]", "[%5.3d][%-5.3d][%+.3d]", 5, 5, 5);
	FORMAT("[  005]", "[%05.3d]", 5);
	FORMAT("[]", "[%.0d]", 0);
	FORMAT("0x1f 0X1F 017 0 0", "%#x %#X %#o %#x %#o", 31, 31, 15, 0, 0);
	FORMAT("[0x001f][    0x1f][0x1f    ]", "[%#06x][%#8x][%-#8x]", 31, 31, 31);
	FORMAT("[   12][12   ][  7]", "[%*d][%*d][%*.*d]", 5, 12, -5, 12, 3, -1, 7);
	FORMAT("-128 -32768 255 65535", "%hhd %hd %hhu %hu", 128, 32768, -1, -1);
	FORMAT("-9223372036854775808 18446744073709551615", "%lld %llu", LLONG_MIN, ULLONG_MAX);
	FORMAT("1777777777777777777777", "%llo", ULLONG_MAX);
	FORMAT("123 456 789 -1",
	    "%ld %zu %jd %td", 123l, (size_t)456, (intmax_t)789, (ptrdiff_t)-1);
	FORMAT("10000000000 0xabc", "%" PRId64 " %#" PRIx32, (int64_t)10000000000, (uint32_t)0xabc);
	FORMAT("%", "%%");
}

TEST(printf_text, "strings, characters, pointers")
{
	FORMAT("hello (null) x", "%s %s %c", "hello", (char *)NULL, 'x');
	FORMAT("[   ab][ab   ][a][    a]", "[%5s][%-5s][%.1s][%5.1s]", "ab", "ab", "ab", "ab");
	FORMAT("[    x][x    ]", "[%5c][%-5c]", 'x', 'x');
	FORMAT("0x0 0xbeef", "%p %p", NULL, (void *)0xbeef);
	FORMAT("[    0x10]", "[%8p]", (void *)16);
	FORMAT("abc", "%.*s", 3, "abcdef");
	FORMAT("", "%s", "");
}

TEST(printf_floats, "floating-point numbers, rounded right")
{
	FORMAT("0.000000 1.500000 -2.250000", "%f %f %f", 0.0, 1.5, -2.25);
	FORMAT("3.14 3.142 3 3.", "%.2f %.3f %.0f %#.0f", 3.14159, 3.14159, 3.14159, 3.14159);
	FORMAT("0 2 2 4", "%.0f %.0f %.0f %.0f", 0.5, 1.5, 2.5, 3.5);
	FORMAT("0.1 0.3 1.0", "%.1f %.1f %.1f", 0.14999, 0.25000001, 0.96);
	FORMAT("9.99 10.0 100", "%.2f %.1f %.0f", 9.99, 9.99, 99.6);
	FORMAT("[  1.50][1.50  ][001.50][+1.50]",
	    "[%6.2f][%-6.2f][%06.2f][%+.2f]", 1.5, 1.5, 1.5, 1.5);
	FORMAT("1.000000e+00 1.5e-07 1E+100", "%e %.1e %.0E", 1.0, 1.5e-7, 1e100);
	FORMAT("0.000000e+00 9.999995e+05 1.0e+01", "%e %e %.1e", 0.0, 999999.5, 9.96);
	FORMAT("100000 1e+06 0.0001 1e-05", "%g %g %g %g", 1e5, 1e6, 1e-4, 1e-5);
	FORMAT("0.1 1.5 123456 1.23457e+06 100.000",
	    "%g %g %g %g %#g", 0.1, 1.5, 123456.0, 1234567.0, 100.0);
	FORMAT("inf -inf nan INF", "%f %f %f %F", __builtin_inf(), -__builtin_inf(),
	    __builtin_nan(""), __builtin_inf());
	FORMAT("[   inf]", "[%06f]", __builtin_inf());
	FORMAT("1000000000000000000000.0", "%.1f", 1e21);
	FORMAT("17976931348623157081452742373170435679807056752584499659891747680315726078002853"
	    "87605895586327668781715404589535143824642343213268894641827684675467035375169860"
	    "49910576551282076245490090389328944075868508455133942304583236903222948165808559"
	    "332123348274797826204144723168738177180919299881250404026184124858368",
	    "%.0f", 1.7976931348623157e308);
	FORMAT("4.940656458412465441765687928682213723651e-324", "%.39e", 4.9406564584124654e-324);
	FORMAT("0.1000000000000000055511151231257827021181583404541015625", "%.55f", 0.1);
	FORMAT("-0.0", "%.1f", -0.0);
}

/* ---- streams ---- */

TEST(streams, "what a stream wrote a stream reads, also in large and odd pieces")
{
	static char buf[20000], back[20000];
	FILE *f = fopen("f", "w");
	size_t n;

	CHECK(f != NULL);
	fill_pattern(buf, sizeof(buf), 3);
	for (size_t at = 0; at < sizeof(buf); at += n) {
		n = 1 + random_below(3000);
		if (n > sizeof(buf) - at)
			n = sizeof(buf) - at;
		CHECK_EQ(fwrite(buf + at, 1, n, f), n);
		CHECK_EQ(ftell(f), at + n);
	}
	CHECK_EQ(fclose(f), 0);
	f = fopen("f", "r");
	for (size_t at = 0; at < sizeof(back); at += n) {
		n = fread(back + at, 1, 1 + random_below(3000), f);
		CHECK(n > 0);
		CHECK_EQ(ftell(f), at + n);
	}
	CHECK(memcmp(buf, back, sizeof(buf)) == 0);
	CHECK_EQ(fgetc(f), EOF);
	CHECK(feof(f) && !ferror(f));
	CHECK_EQ(fseek(f, 5000, SEEK_SET), 0);
	CHECK(!feof(f));
	CHECK_EQ(fgetc(f), (unsigned char)buf[5000]);
	CHECK_EQ(fseek(f, 10, SEEK_CUR), 0);
	CHECK_EQ(fgetc(f), (unsigned char)buf[5011]);
	CHECK_EQ(fseek(f, -1, SEEK_END), 0);
	CHECK_EQ(fgetc(f), (unsigned char)buf[sizeof(buf) - 1]);
	rewind(f);
	CHECK_EQ(fread(back, 100, 1000, f), 200);
	CHECK_EQ(fputc('x', f), EOF);
	CHECK(ferror(f));
	fclose(f);
	CHECK(fopen("nothing", "r") == NULL && errno == ENOENT);
	CHECK(fopen("f", "q") == NULL && errno == EINVAL);
	CHECK(fopen("f", "wx") == NULL && errno == EEXIST);
}

TEST(update_streams, "streams for reading and writing, and for appending")
{
	char buf[32] = "";
	FILE *f = fopen("f", "w+");

	CHECK_EQ(fputs("hello world", f), 0);
	rewind(f);
	CHECK_EQ(fread(buf, 1, 5, f), 5);
	CHECK_EQ(fseek(f, 0, SEEK_CUR), 0);
	CHECK_EQ(fputs("-WORLD", f), 0);
	CHECK_EQ(fflush(f), 0);
	rewind(f);
	CHECK_STR(fgets(buf, sizeof(buf), f), "hello-WORLD");
	fclose(f);
	f = fopen("f", "a");
	CHECK_EQ(fprintf(f, "+%d", 42), 3);
	fclose(f);
	f = fopen("f", "r+");
	CHECK_EQ(fputc('H', f), 'H');
	rewind(f);
	CHECK_STR(fgets(buf, sizeof(buf), f), "Hello-WORLD+42");
	fclose(f);
	f = fopen("f", "w");
	fclose(f);
	f = fopen("f", "r");
	CHECK(fgets(buf, sizeof(buf), f) == NULL);
	fclose(f);
}

TEST(lines, "fgets, getline, ungetc")
{
	char buf[16], *line = NULL;
	size_t room = 0;
	FILE *f = fopen("f", "w");

	fputs("one\n\nthree is longer than the buffer\nlast", f);
	fclose(f);
	f = fopen("f", "r");
	CHECK_STR(fgets(buf, sizeof(buf), f), "one\n");
	CHECK_STR(fgets(buf, sizeof(buf), f), "\n");
	CHECK_STR(fgets(buf, sizeof(buf), f), "three is longer");
	CHECK_STR(fgets(buf, 2, f), " ");
	CHECK_EQ(getline(&line, &room, f), 16);
	CHECK_STR(line, "than the buffer\n");
	CHECK_EQ(getline(&line, &room, f), 4);
	CHECK_STR(line, "last");
	CHECK_EQ(getline(&line, &room, f), -1);
	free(line);
	rewind(f);
	CHECK_EQ(getc(f), 'o');
	CHECK_EQ(ungetc('X', f), 'X');
	CHECK_EQ(ungetc('Y', f), 'Y');
	CHECK_EQ(getc(f), 'Y');
	CHECK_EQ(getc(f), 'X');
	CHECK_EQ(getc(f), 'n');
	CHECK_EQ(ungetc(EOF, f), EOF);
	fclose(f);
}

/* How many bytes are in the pipe now. */
static int
arrived(int fd)
{
	char buf[100];

	return write(fd + 1, "", 1) == 1 ? (int)read(fd, buf, sizeof(buf)) - 1 : -1;
}

TEST(buffering, "full, line and no buffering write when they should")
{
	static char own[8];
	int fd[2], n;
	FILE *f;

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(fd[1], fd[0] + 1);
	f = fdopen(fd[1], "w");
	fputs("line\n", f);
	CHECK_EQ(arrived(fd[0]), 0);
	fflush(f);
	CHECK_EQ(arrived(fd[0]), 5);
	CHECK_EQ(setvbuf(f, NULL, _IOLBF, 0), -1);	/* too late */
	f = fdopen(fd[1], "w");
	CHECK_EQ(setvbuf(f, NULL, _IOLBF, 0), 0);
	fputs("par", f);
	CHECK_EQ(arrived(fd[0]), 0);
	fputs("t\nrest", f);
	CHECK_EQ(arrived(fd[0]), 5);
	fputs("\n", f);
	CHECK_EQ(arrived(fd[0]), 5);
	f = fdopen(fd[1], "w");
	CHECK_EQ(setvbuf(f, own, _IOFBF, sizeof(own)), 0);
	fputs("1234567", f);
	CHECK_EQ(arrived(fd[0]), 0);
	CHECK_EQ(own[0], '1');
	fputs("89", f);
	n = arrived(fd[0]);
	CHECK(n > 0);
	fflush(f);
	CHECK_EQ(n + arrived(fd[0]), 9);
	f = fdopen(fd[1], "w");
	CHECK_EQ(setvbuf(f, NULL, _IONBF, 0), 0);
	fputs("x", f);
	CHECK_EQ(arrived(fd[0]), 1);
	fprintf(f, "%d and %s", 12, "text");
	CHECK_EQ(arrived(fd[0]), 11);
	dprintf(fd[1], "%s", "direct");
	CHECK_EQ(arrived(fd[0]), 6);
}

TEST(write_errors, "a write that fails shows at fflush or fclose")
{
	FILE *f;
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	close(fd[0]);
	f = fdopen(fd[1], "w");
	CHECK_EQ(fputs("lost", f), 0);
	CHECK_EQ(fflush(f), EOF);
	CHECK_EQ(errno, EPIPE);
	CHECK(ferror(f));
	fputs("lost", f);
	CHECK_EQ(fclose(f), EOF);
}

TEST(exit_flushes, "exit flushes, _exit does not; atexit functions run, the last first")
{
	FILE *f;
	char buf[16] = "";
	pid_t pid = fork();

	if (pid == 0) {
		f = fopen("f", "w");
		fputs("flushed", f);
		exit(0);
	}
	check_child(pid);
	pid = fork();
	if (pid == 0) {
		f = fopen("g", "w");
		fputs("lost", f);
		_exit(0);
	}
	check_child(pid);
	f = fopen("f", "r");
	CHECK_STR(fgets(buf, sizeof(buf), f), "flushed");
	f = fopen("g", "r");
	CHECK(fgets(buf, sizeof(buf), f) == NULL);
}

TEST(scanf, "sscanf and fscanf take apart what printf made")
{
	int a, b, n;
	unsigned x;
	long long big;
	char word[20], c;
	double d;
	FILE *f;

	CHECK_EQ(sscanf("12 -7 ff", "%d %d %x", &a, &b, &x), 3);
	CHECK(a == 12 && b == -7 && x == 255);
	n = sscanf("  hello,world 9000000000", "%5s,%[a-z] %lld%n", word, word + 10, &big, &a);
	CHECK_EQ(n, 3);
	CHECK_STR(word, "hello");
	CHECK_STR(word + 10, "world");
	CHECK(big == 9000000000ll);
	CHECK_EQ(a, 24);
	CHECK_EQ(sscanf("3.25e2x", "%lf%c", &d, &c), 2);
	CHECK(d == 325.0 && c == 'x');
	CHECK_EQ(sscanf("0x1f 017 99", "%i %i %i", &a, &b, &n), 3);
	CHECK(a == 31 && b == 15 && n == 99);
	CHECK_EQ(sscanf("abc", "%d", &a), 0);
	CHECK_EQ(sscanf("", "%d", &a), EOF);
	CHECK_EQ(sscanf("1 2 3", "%*d %d", &a), 1);
	CHECK_EQ(a, 2);
	CHECK_EQ(sscanf("123456", "%3d%d", &a, &b), 2);
	CHECK(a == 123 && b == 456);
	f = fopen("f", "w+");
	for (int i = 0; i < 1000; i++)
		fprintf(f, "%d:%s\n", i, i % 2 ? "odd" : "even");
	rewind(f);
	for (int i = 0; i < 1000; i++) {
		CHECK_EQ(fscanf(f, "%d:%s", &a, word), 2);
		CHECK(a == i && strcmp(word, i % 2 ? "odd" : "even") == 0);
	}
	CHECK_EQ(fscanf(f, "%d", &a), EOF);
	fclose(f);
}

TEST(popen, "popen reads from and writes to commands; system returns their status")
{
	char buf[64] = "";
	FILE *f = popen("echo out; exit 3", "r");

	CHECK(f != NULL);
	CHECK_STR(fgets(buf, sizeof(buf), f), "out\n");
	CHECK_EQ(pclose(f), 3 << 8);
	f = popen("cat > f", "w");
	fputs("through cat", f);
	CHECK_EQ(pclose(f), 0);
	f = fopen("f", "r");
	CHECK_STR(fgets(buf, sizeof(buf), f), "through cat");
	fclose(f);
	CHECK_EQ(WEXITSTATUS(system("exit 7")), 7);
	CHECK_EQ(system("test -f f"), 0);
}

/* ---- strings ---- */

TEST(memory, "memcpy, memmove, memset, memcmp, memchr at every alignment")
{
	static unsigned char a[256], b[256], want[256];

	for (unsigned from = 0; from < 20; from++)
		for (unsigned to = 0; to < 20; to++)
			for (unsigned n = 0; n < 100; n += 1 + n / 20) {
				fill_pattern(a, sizeof(a), from * 100 + to);
				for (unsigned i = 0; i < sizeof(a); i++)
					want[i] = i >= to && i < to + n ? a[i - to + from] : a[i];
				memcpy(b, a, sizeof(a));
				memmove(b + to, b + from, n);
				CHECK(memcmp(b, want, sizeof(b)) == 0);
				memcpy(b, a, sizeof(a));
				memcpy(b + to, a + from, n);
				CHECK(memcmp(b, want, sizeof(b)) == 0);
				memset(b + to, 0xa5, n);
				for (unsigned i = 0; i < n; i++)
					CHECK_EQ(b[to + i], 0xa5);
				CHECK_EQ(b[to + n], a[to + n]);
				if (n) {
					b[to + n - 1] = 1;
					CHECK(memchr(b + to, 1, n) == b + to + n - 1);
				}
				CHECK(memchr(b + to, 2, n) == NULL);
			}
	CHECK(memcmp("abc", "abd", 3) < 0 && memcmp("ab\xff", "abd", 3) > 0);
	CHECK_EQ(memcmp("abc", "abd", 2), 0);
}

TEST(strings, "the str functions")
{
	char buf[64], *save, *copy;

	CHECK_EQ(strlen(""), 0);
	CHECK_EQ(strnlen("hello", 3), 3);
	CHECK_STR(strcpy(buf, "abc"), "abc");
	CHECK_STR(strcat(buf, "def"), "abcdef");
	CHECK_STR(strncat(buf, "ghijk", 2), "abcdefgh");
	memset(buf, 'x', sizeof(buf));
	strncpy(buf, "ab", 5);
	CHECK(memcmp(buf, "ab\0\0\0x", 6) == 0);
	CHECK_EQ(strlcpy(buf, "hello", 4), 5);
	CHECK_STR(buf, "hel");
	CHECK_EQ(strlcat(buf, "p me", 6), 7);
	CHECK_STR(buf, "help ");
	CHECK(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("a", "a") == 0);
	CHECK(strcmp("a\xff", "a") > 0 && strcmp("", "a") < 0);
	CHECK(strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0);
	CHECK(strcasecmp("HeLLo", "hEllO") == 0 && strncasecmp("ABc", "abD", 2) == 0);
	CHECK_STR(strchr("hello", 'l'), "llo");
	CHECK_STR(strrchr("hello", 'l'), "lo");
	CHECK_STR(strchr("hello", '\0'), "");
	CHECK(strchr("hello", 'x') == NULL && strrchr("hello", 'x') == NULL);
	CHECK_STR(strstr("hello world", "o w"), "o world");
	CHECK(strstr("hello", "lx") == NULL);
	CHECK_STR(strstr("aab", "ab"), "ab");
	CHECK_STR(strpbrk("hello", "xol"), "llo");
	CHECK_EQ(strspn("aabbc", "ab"), 4);
	CHECK_EQ(strcspn("hello", "lo"), 2);
	strcpy(buf, "  one two,,three ");
	CHECK_STR(strtok_r(buf, " ,", &save), "one");
	CHECK_STR(strtok_r(NULL, " ,", &save), "two");
	CHECK_STR(strtok_r(NULL, " ,", &save), "three");
	CHECK(strtok_r(NULL, " ,", &save) == NULL);
	copy = strdup("copy");
	CHECK_STR(copy, "copy");
	free(copy);
	copy = strndup("copy", 2);
	CHECK_STR(copy, "co");
	free(copy);
	CHECK_STR(strerror(ENOENT), "No such file or directory");
	CHECK_STR(strerror(9999), "Unknown error 9999");
	CHECK(isalpha('a') && !isalpha('1') && isspace('\n') && ispunct('!') && isxdigit('F'));
	CHECK(!isalpha(EOF) && !isprint(200) && toupper('x') == 'X' && tolower('1') == '1');
}

/* ---- numbers ---- */

TEST(strtol, "text to integers: bases, ends, ranges")
{
	char *end;

	CHECK_EQ(strtol("  -42abc", &end, 10), -42);
	CHECK_STR(end, "abc");
	CHECK_EQ(strtol("0x1F", NULL, 0), 31);
	CHECK_EQ(strtol("0x", &end, 0), 0);
	CHECK_STR(end, "x");
	CHECK_EQ(strtol("017", NULL, 0), 15);
	CHECK_EQ(strtol("zz", NULL, 36), 35 * 37);
	CHECK_EQ(strtol("abc", &end, 10), 0);
	CHECK_STR(end, "abc");
	CHECK_EQ(strtol("+", &end, 10), 0);
	CHECK_STR(end, "+");
	errno = 0;
	CHECK(strtoll("9223372036854775807", NULL, 10) == LLONG_MAX && errno == 0);
	CHECK(strtoll("-9223372036854775808", NULL, 10) == LLONG_MIN && errno == 0);
	CHECK(strtoll("9223372036854775808", NULL, 10) == LLONG_MAX && errno == ERANGE);
	errno = 0;
	CHECK(strtoll("-9223372036854775809", NULL, 10) == LLONG_MIN && errno == ERANGE);
	errno = 0;
	CHECK(strtoull("18446744073709551615", NULL, 10) == ULLONG_MAX && errno == 0);
	CHECK(strtoull("18446744073709551616", &end, 10) == ULLONG_MAX && errno == ERANGE);
	CHECK_STR(end, "");
	CHECK(strtoull("-1", NULL, 10) == ULLONG_MAX);
	errno = 0;
	CHECK(strtol("1", NULL, 1) == 0 && errno == EINVAL);
	CHECK_EQ(atoi("123x"), 123);
}

TEST(strtod, "text to doubles")
{
	char *end;

	CHECK(strtod("0.1", NULL) == 0.1);
	CHECK(strtod(" -12.5e3xyz", &end) == -12500.0);
	CHECK_STR(end, "xyz");
	CHECK(strtod(".5", NULL) == 0.5 && strtod("5.", NULL) == 5.0);
	CHECK(strtod("1e22", NULL) == 1e22 && strtod("123456789012345", NULL) == 123456789012345.0);
	CHECK(strtod("1e", &end) == 1.0);
	CHECK_STR(end, "e");
	CHECK(strtod(".", &end) == 0.0);
	CHECK_STR(end, ".");
	errno = 0;
	CHECK(__builtin_isinf(strtod("1e999", NULL)) && errno == ERANGE);
	CHECK(__builtin_isnan(strtod("nan", NULL)));
	for (int i = 0; i < 1000; i++) {
		double d = (double)random32() * 1e-5 - 20000, back;
		char buf[40];

		snprintf(buf, sizeof(buf), "%.9f", d);
		back = strtod(buf, NULL);
		CHECK(back - d < 1e-9 && d - back < 1e-9);
	}
}

static int
by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return x < y ? -1 : x > y;
}

TEST(sort, "qsort sorts, bsearch finds")
{
	static int v[2000];
	char odd[5][3] = { "zz", "bb", "aa", "yy", "cc" };

	for (int n = 0; n < 2000; n += 1 + n / 3) {
		for (int i = 0; i < n; i++)
			v[i] = (int)random_below(1000) * 2;
		qsort(v, (size_t)n, sizeof(v[0]), by_value);
		for (int i = 1; i < n; i++)
			CHECK(v[i - 1] <= v[i]);
		for (int i = 0; i < n; i++) {
			int *p = bsearch(&v[i], v, (size_t)n, sizeof(v[0]), by_value);
			int key = v[i] + 1;

			CHECK(p && *p == v[i]);
			CHECK(bsearch(&key, v, (size_t)n, sizeof(v[0]), by_value) == NULL);
		}
	}
	qsort(odd, 5, 3, (int (*)(const void *, const void *))strcmp);
	CHECK_STR(odd[0], "aa");
	CHECK_STR(odd[4], "zz");
}

/* ---- the rest ---- */

TEST(environment, "getenv, setenv, unsetenv")
{
	CHECK(getenv("PATH") != NULL);
	CHECK(getenv("NOTHING") == NULL);
	CHECK_EQ(setenv("NEW", "one", 0), 0);
	CHECK_EQ(setenv("NEW", "two", 0), 0);
	CHECK_STR(getenv("NEW"), "one");
	CHECK_EQ(setenv("NEW", "two", 1), 0);
	CHECK_STR(getenv("NEW"), "two");
	CHECK_EQ(unsetenv("NEW"), 0);
	CHECK(getenv("NEW") == NULL);
	CHECK_FAILS(setenv("", "x", 1), EINVAL);
	CHECK_FAILS(setenv("a=b", "x", 1), EINVAL);
	for (int i = 0; i < 100; i++) {
		char name[8];

		snprintf(name, sizeof(name), "V%d", i);
		CHECK_EQ(setenv(name, name, 1), 0);
	}
	CHECK_STR(getenv("V57"), "V57");
	CHECK_EQ(WEXITSTATUS(system("test \"$V99\" = V99")), 0);
}

TEST(dates, "days and seconds to dates and back")
{
	static const struct {
		time_t t;
		const char *text;
	} dates[] = {
		{ 0, "1970-01-01 00:00:00 Thu 001" },
		{ 951782399, "2000-02-28 23:59:59 Mon 059" },
		{ 951782400, "2000-02-29 00:00:00 Tue 060" },
		{ 951868800, "2000-03-01 00:00:00 Wed 061" },
		{ 1735689599, "2024-12-31 23:59:59 Tue 366" },
		{ 1735689600, "2025-01-01 00:00:00 Wed 001" },
		{ 4102444800, "2100-01-01 00:00:00 Fri 001" },
		{ 4107542400, "2100-03-01 00:00:00 Mon 060" },
		{ -1, "1969-12-31 23:59:59 Wed 365" },
	};

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct tm tm;
		char buf[64];

		gmtime_r(&dates[i].t, &tm);
		CHECK(strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S %a %j", &tm) > 0);
		CHECK_STR(buf, dates[i].text);
		CHECK_EQ(mktime(&tm), dates[i].t);
		CHECK_EQ(strftime(buf, 5, "%Y-%m-%d", &tm), 0);
	}
	for (int i = 0; i < 2000; i++) {
		time_t t = (time_t)random32() * 3;
		struct tm tm;

		CHECK_EQ(mktime(gmtime_r(&t, &tm)), t);
	}
}

TEST(fnmatch, "shell patterns")
{
	static const struct {
		const char *pattern, *string;
		int flags;
		bool match;
	} cases[] = {
		{ "", "", 0, true },
		{ "*", "", 0, true },
		{ "*", "abc", 0, true },
		{ "a*c", "abbbc", 0, true },
		{ "a*c", "abcd", 0, false },
		{ "?", "", 0, false },
		{ "a?c", "abc", 0, true },
		{ "[a-c]x", "bx", 0, true },
		{ "[!a-c]x", "bx", 0, false },
		{ "[]x]", "]", 0, true },
		{ "[a", "[a", 0, true },
		{ "\\*", "*", 0, true },
		{ "\\*", "a", 0, false },
		{ "*.c", ".c", FNM_PERIOD, false },
		{ ".*", ".c", FNM_PERIOD, true },
		{ "*a*b*c*", "xxaxxbxxcxx", 0, true },
		{ "*a*b*c*", "xxaxxcxxbxx", 0, false },
		{ "a*b", "a/b", FNM_PATHNAME, false },
		{ "a/*", "a/b", FNM_PATHNAME, true },
		{ "[a-]", "-", 0, true },
		{ "*[0-9]", "file7", 0, true },
		{ "a*", "b", 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!fnmatch(cases[i].pattern, cases[i].string, cases[i].flags) != cases[i].match)
			test_fail(__FILE__, __LINE__, "%s against %s", cases[i].pattern,
			    cases[i].string);
}

TEST(getopt, "options alone, grouped, with values, and the first argument")
{
	char *argv[] = { "x", "-ab", "-c", "value", "-dother", "-", "rest", NULL };
	char *bad[] = { "x", "-z", "-c", NULL };

	optind = 1;
	CHECK_EQ(getopt(7, argv, "abc:d:"), 'a');
	CHECK_EQ(getopt(7, argv, "abc:d:"), 'b');
	CHECK_EQ(getopt(7, argv, "abc:d:"), 'c');
	CHECK_STR(optarg, "value");
	CHECK_EQ(getopt(7, argv, "abc:d:"), 'd');
	CHECK_STR(optarg, "other");
	CHECK_EQ(getopt(7, argv, "abc:d:"), -1);
	CHECK_EQ(optind, 5);
	optind = 0;
	CHECK_EQ(getopt(3, bad, ":c:"), '?');
	CHECK_EQ(optopt, 'z');
	CHECK_EQ(getopt(3, bad, ":c:"), ':');
}

static jmp_buf env;

static void
jump(int depth, int value)
{
	if (depth)
		jump(depth - 1, value);
	else if (value >= 0)
		longjmp(env, value);
}

TEST(setjmp, "longjmp returns to setjmp, with registers as they were")
{
	volatile int count = 0;
	double d = 1.25;
	int r = setjmp(env);

	if (count < 3) {
		count++;
		jump(5, count);
	}
	CHECK_EQ(r, 3);
	CHECK(d == 1.25);
	r = setjmp(env);
	if (r == 0)
		jump(0, 0);
	CHECK_EQ(r, 1);
}

TEST(readdir, "a folder's names, and again after rewinddir")
{
	struct dirent *e;
	int n = 0;
	DIR *d;

	for (int i = 0; i < 150; i++) {
		char name[8];

		snprintf(name, sizeof(name), "f%d", i);
		write_file(name, "", 0);
	}
	d = opendir(".");
	CHECK(d != NULL);
	for (int round = 0; round < 2; round++) {
		while ((e = readdir(d))) {
			struct stat st;

			CHECK_EQ(stat(e->d_name, &st), 0);
			CHECK_EQ(st.st_ino, e->d_ino);
			n++;
		}
		rewinddir(d);
	}
	CHECK_EQ(n, 304);
	CHECK_EQ(closedir(d), 0);
	CHECK(opendir("f1") == NULL && errno == ENOTDIR);
	CHECK(opendir("nothing") == NULL && errno == ENOENT);
}

TEST(mkstemp, "mkstemp makes new files")
{
	char a[] = "tXXXXXX", b[] = "tXXXXXX", bad[] = "tXXX";
	int x = mkstemp(a), y = mkstemp(b);

	CHECK(x >= 0 && y >= 0 && strcmp(a, b) != 0);
	CHECK_EQ(write(x, "x", 1), 1);
	CHECK_FAILS(mkstemp(bad), EINVAL);
}
