/* Files, folders, links. */
#include <abi/fs.h>
#include <abi/syscall.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define BLOCK	FS_BLOCK_SIZE

static void
make_file(const char *path)
{
	write_file(path, path, strlen(path));
}

static off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : st.st_size;
}

static nlink_t
links_of(const char *path)
{
	struct stat st;

	CHECK_EQ(lstat(path, &st), 0);
	return st.st_nlink;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int
count_entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	CHECK(d != NULL);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* ---- reading and writing ---- */

TEST(read_write, "what is written is read back; 0 at the end")
{
	static char buf[10000], back[10000];
	int fd = open("f", O_RDWR | O_CREAT, 0666);

	CHECK(fd >= 0);
	fill_pattern(buf, sizeof(buf), 1);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(read(fd, back, 10), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, back, sizeof(back)), sizeof(back));
	CHECK(is_pattern(back, sizeof(back), 1));
	CHECK_EQ(read(fd, back, 10), 0);
	close(fd);
	fd = open("f", O_RDONLY);
	CHECK_EQ(read(fd, back, sizeof(back)), sizeof(back));
	CHECK(is_pattern(back, sizeof(back), 1));
	CHECK_EQ(size_of("f"), sizeof(buf));
}

TEST(open_flags, "O_CREAT, O_EXCL, O_TRUNC, O_DIRECTORY do what they say")
{
	int fd;

	CHECK_FAILS(open("f", O_RDWR), ENOENT);
	CHECK_FAILS(open("f", O_RDWR | O_TRUNC), ENOENT);
	make_file("f");
	fd = open("f", O_RDWR | O_CREAT, 0666);
	CHECK(fd >= 0);
	CHECK_EQ(size_of("f"), 1);
	CHECK_FAILS(open("f", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
	CHECK_EQ(close(open("f", O_WRONLY | O_TRUNC)), 0);
	CHECK_EQ(size_of("f"), 0);
	CHECK_FAILS(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_FAILS(open(".", O_WRONLY), EISDIR);
	CHECK_FAILS(open(".", O_RDWR), EISDIR);
	CHECK_FAILS(open(".", O_RDONLY | O_CREAT, 0666), EISDIR);
	CHECK_EQ(close(open(".", O_RDONLY | O_DIRECTORY)), 0);
	CHECK_FAILS(open("f/", O_RDONLY), ENOTDIR);
	CHECK_FAILS(open("f/x", O_RDONLY), ENOTDIR);
	CHECK_EQ(open("g/", O_RDWR | O_CREAT, 0666), -1);
	CHECK(!exists("g"));
	CHECK_FAILS(open("", O_RDONLY), ENOENT);
	CHECK_FAILS(open("d/x", O_RDWR | O_CREAT, 0666), ENOENT);
}

/* Block numbers on both sides of each border of the block map. */
static const off_t borders[] = {
	0, 1, FS_NDIRECT - 1, FS_NDIRECT, FS_NDIRECT + 1, FS_NDIRECT + FS_NINDIRECT - 1,
	FS_NDIRECT + FS_NINDIRECT, FS_NDIRECT + FS_NINDIRECT + 1,
	FS_NDIRECT + 2 * FS_NINDIRECT - 1, FS_NDIRECT + 2 * FS_NINDIRECT, FS_MAXFILE - 1,
};
#define NBORDERS	(sizeof(borders) / sizeof(borders[0]))

TEST(holes, "a file with holes: zeroes that take no blocks, up to the last block a file can have")
{
	int fd = open("f", O_RDWR | O_CREAT, 0666);
	char buf[BLOCK];
	struct stat st;

	for (size_t i = 0; i < NBORDERS; i++) {
		memset(buf, (int)i + 1, sizeof(buf));
		CHECK_EQ(lseek(fd, borders[i] * BLOCK, SEEK_SET), borders[i] * BLOCK);
		CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	}
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, (off_t)FS_MAXFILE * BLOCK);
	CHECK(st.st_blocks <= (blkcnt_t)(NBORDERS + 6) * 2);
	for (size_t i = 0; i < NBORDERS; i++) {
		CHECK_EQ(lseek(fd, borders[i] * BLOCK, SEEK_SET), borders[i] * BLOCK);
		CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
		for (size_t k = 0; k < sizeof(buf); k++)
			CHECK_EQ(buf[k], (int)i + 1);
	}
	CHECK_EQ(lseek(fd, 5 * BLOCK + 3, SEEK_SET), 5 * BLOCK + 3);
	CHECK_EQ(read(fd, buf, 100), 100);
	for (size_t k = 0; k < 100; k++)
		CHECK_EQ(buf[k], 0);
	/* Nothing fits behind the last block. */
	CHECK_EQ(lseek(fd, -10, SEEK_END), (off_t)FS_MAXFILE * BLOCK - 10);
	CHECK_EQ(write(fd, buf, 100), 10);
	CHECK_FAILS(write(fd, buf, 100), EFBIG);
	CHECK_FAILS(ftruncate(fd, (off_t)FS_MAXFILE * BLOCK + 1), EFBIG);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_blocks, 0);
}

/* Opens or closes files; the free frames then. */
static long
free_with_files(int *fd, int n, bool opened)
{
	char name[8];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		if (opened)
			CHECK((fd[i] = open(name, O_RDWR | O_CREAT, 0666)) >= 0);
		else
			CHECK_EQ(close(fd[i]), 0);
	}
	sync();
	return getNumFreePages();
}

TEST(open_inodes, "what open files take is no free memory, also when they were open before")
{
	enum { N = 800 };
	static int fd[N];
	long taken[2];

	free_with_files(fd, N, true);
	for (int i = 0; i < 2; i++) {
		taken[i] = free_with_files(fd, N, false);
		taken[i] -= free_with_files(fd, N, true);
	}
	/* Each has 400 bytes in memory or more; of the first frames not all show. */
	CHECK(taken[0] >= N * 300 / PAGE_SIZE);
	CHECK(labs(taken[1] - taken[0]) <= 2);
}

/* Block B of a large file holds its own number, twice. */
static void
put_number(char *buf, uint32_t b)
{
	memset(buf, 0, BLOCK);
	memcpy(buf, &b, sizeof(b));
	memcpy(buf + BLOCK - sizeof(b), &b, sizeof(b));
}

TEST(double_indirect, "a file that reaches into the double indirect blocks, block by block")
{
	uint32_t blocks = FS_NDIRECT + FS_NINDIRECT + 3 * FS_NINDIRECT;
	int fd = open("f", O_RDWR | O_CREAT, 0666);
	char buf[BLOCK], want[BLOCK];

	for (uint32_t b = 0; b < blocks; b++) {
		put_number(buf, b);
		CHECK_EQ(write(fd, buf, BLOCK), BLOCK);
	}
	close(fd);
	fd = open("f", O_RDONLY);
	for (uint32_t b = 0; b < blocks; b++) {
		put_number(want, b);
		CHECK_EQ(read(fd, buf, BLOCK), BLOCK);
		CHECK(memcmp(buf, want, BLOCK) == 0);
	}
	CHECK_EQ(read(fd, buf, 1), 0);
	CHECK_EQ(unlink("f"), 0);
}

TEST(random_io, "random writes, truncations and reads of a file, against a copy in memory")
{
	enum { MAX = 700 * 1024 };
	static char model[MAX], buf[20000];
	int fd = open("f", O_RDWR | O_CREAT, 0666);
	long rounds = test_rounds ? test_rounds : 600;
	off_t size = 0;

	for (long i = 0; i < rounds; i++) {
		off_t at = (off_t)random_below(MAX - sizeof(buf));
		size_t n = random_below(sizeof(buf));
		off_t in = at < size ? size - at : 0;

		CHECK_EQ(lseek(fd, at, SEEK_SET), at);
		switch (random_below(10)) {
		case 0:
			CHECK_EQ(ftruncate(fd, at), 0);
			if (at < size)
				memset(model + at, 0, (size_t)(size - at));
			size = at;
			break;
		case 1:
			close(fd);
			fd = open("f", O_RDWR);
			break;
		case 2:
		case 3:
		case 4:
		case 5:
			fill_pattern(buf, n, random32());
			CHECK_EQ(write(fd, buf, n), n);
			memcpy(model + at, buf, n);
			if (n && at + (off_t)n > size)
				size = at + (off_t)n;
			break;
		default:
			in = in < (off_t)n ? in : (off_t)n;
			CHECK_EQ(read(fd, buf, n), in);
			CHECK(memcmp(model + at, buf, (size_t)in) == 0);
		}
		CHECK_EQ(size_of("f"), size);
	}
}

TEST(truncate, "what was cut off is zero when the file grows again")
{
	int fd = open("f", O_RDWR | O_CREAT, 0666);
	char buf[5000];

	memset(buf, 7, sizeof(buf));
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(ftruncate(fd, 100), 0);
	CHECK_EQ(ftruncate(fd, sizeof(buf)), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		CHECK_EQ(buf[i], i < 100 ? 7 : 0);
	CHECK_FAILS(ftruncate(fd, -1), EINVAL);
	CHECK_FAILS(truncate("nothing", 0), ENOENT);
	CHECK_FAILS(truncate(".", 0), EISDIR);
}

TEST(sparse_end, "writing far behind the end leaves a hole")
{
	int fd = open("f", O_RDWR | O_CREAT, 0666);
	static char buf[30000];
	struct stat st;

	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(lseek(fd, 3000000, SEEK_SET), 3000000);
	CHECK_EQ(size_of("f"), 1);
	CHECK_EQ(write(fd, "y", 1), 1);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 3000001);
	CHECK(st.st_blocks < 20);
	CHECK_EQ(lseek(fd, 1, SEEK_SET), 1);
	for (int i = 0; i < 99; i++) {
		CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
		for (size_t k = 0; k < sizeof(buf); k += 100)
			CHECK_EQ(buf[k], 0);
	}
}

/* ---- names ---- */

TEST(unlink_open, "a file without a name lives until the last descriptor is closed")
{
	int fd = open("f", O_RDWR | O_CREAT, 0666), other;
	char buf[8] = "";

	CHECK_EQ(write(fd, "hello", 5), 5);
	CHECK_EQ(unlink("f"), 0);
	CHECK(!exists("f"));
	CHECK_FAILS(unlink("f"), ENOENT);
	other = open("f", O_RDWR | O_CREAT, 0666);
	CHECK_EQ(write(other, "other", 5), 5);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, buf, 8), 5);
	CHECK(memcmp(buf, "hello", 5) == 0);
	CHECK_EQ(write(fd, "more", 4), 4);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 9);
}

TEST(links, "names of one file: counts, contents, and the last one removes it")
{
	struct stat a, b;

	make_file("a");
	CHECK_EQ(link("a", "b"), 0);
	CHECK_EQ(stat("a", &a), 0);
	CHECK_EQ(stat("b", &b), 0);
	CHECK_EQ(a.st_ino, b.st_ino);
	CHECK_EQ(a.st_nlink, 2);
	CHECK_EQ(unlink("a"), 0);
	CHECK_EQ(links_of("b"), 1);
	CHECK_EQ(size_of("b"), 1);
	CHECK_FAILS(link("b", "b"), EEXIST);
	CHECK_FAILS(link("nothing", "c"), ENOENT);
	CHECK_FAILS(link(".", "c"), EPERM);
	CHECK_FAILS(link("b", "nothing/c"), ENOENT);
	CHECK_FAILS(link("b", "b/c"), ENOTDIR);
	make_file("c");
	CHECK_FAILS(link("b", "c"), EEXIST);
	for (int i = 0; i < 300; i++) {
		char name[8];

		snprintf(name, sizeof(name), "l%d", i);
		CHECK_EQ(link("b", name), 0);
	}
	CHECK_EQ(links_of("b"), 301);
	for (int i = 0; i < 300; i++) {
		char name[8];

		snprintf(name, sizeof(name), "l%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	CHECK_EQ(links_of("b"), 1);
}

TEST(folders, "making and removing folders, and what must fail")
{
	CHECK_EQ(mkdir("d", 0777), 0);
	CHECK_FAILS(mkdir("d", 0777), EEXIST);
	CHECK_EQ(links_of("."), 3);
	CHECK_EQ(mkdir("d/e", 0777), 0);
	CHECK_EQ(links_of("d"), 3);
	CHECK_FAILS(mkdir("x/y", 0777), ENOENT);
	make_file("f");
	CHECK_FAILS(mkdir("f", 0777), EEXIST);
	CHECK_FAILS(mkdir("f/x", 0777), ENOTDIR);
	CHECK_FAILS(mkdir("", 0777), ENOENT);
	CHECK_FAILS(rmdir("d"), ENOTEMPTY);
	CHECK_FAILS(unlink("d"), ENOTEMPTY);
	CHECK_FAILS(rmdir("f"), ENOTDIR);
	CHECK_EQ(unlink("."), -1);
	CHECK_EQ(unlink("d/."), -1);
	CHECK_EQ(unlink("d/e/.."), -1);
	CHECK_EQ(rmdir("/"), -1);
	CHECK_EQ(mkdir("/", 0777), -1);
	CHECK_EQ(mkdir(".", 0777), -1);
	CHECK_EQ(mkdir("d/..", 0777), -1);
	CHECK_EQ(rmdir("d/e"), 0);
	CHECK_EQ(unlink("d"), 0);
	CHECK_EQ(links_of("."), 2);
	CHECK_EQ(mkdir("d/", 0777), 0);
	CHECK_EQ(rmdir("d/"), 0);
}

TEST(removed_cwd, "nothing can be made in a folder that was removed, even by those in it")
{
	char buf[PATH_MAX];

	CHECK_EQ(mkdir("d", 0777), 0);
	CHECK_EQ(chdir("d"), 0);
	CHECK_EQ(rmdir("../d"), 0);
	CHECK_FAILS(open("f", O_RDWR | O_CREAT, 0666), ENOENT);
	CHECK_FAILS(mkdir("e", 0777), ENOENT);
	CHECK_FAILS(symlink("x", "s"), ENOENT);
	CHECK(getcwd(buf, sizeof(buf)) == NULL);
	CHECK_EQ(chdir("/tmp"), 0);
}

TEST(names, "names of 14 bytes and more, and paths of 127 and more")
{
	char path[300];
	struct dirent *e;
	int fd;
	DIR *d;

	make_file("exactly14bytes");
	CHECK_EQ(size_of("exactly14bytes"), 14);
	CHECK_EQ(size_of("exactly14bytesandmore"), 14);
	CHECK_EQ(mkdir("d", 0777), 0);
	make_file("d/exactly14bytesandmore");
	d = opendir("d");
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			CHECK_STR(e->d_name, "exactly14bytes");
	closedir(d);
	memset(path, '/', sizeof(path));
	memcpy(path + 127 - 5, "tmp/", 5);
	path[127 - 1] = '.';
	path[127] = '\0';
	CHECK_EQ(strlen(path), 127);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	memset(path, '/', sizeof(path));
	path[127] = '.';
	path[128] = '\0';
	CHECK_FAILS(open(path, O_RDONLY), ENAMETOOLONG);
	path[298] = '.';
	path[299] = '\0';
	memset(path, 'a', 298);
	CHECK_FAILS(open(path, O_RDONLY), ENAMETOOLONG);
	CHECK_FAILS(mkdir(path, 0777), ENAMETOOLONG);
	CHECK_FAILS(symlink(path, "s"), ENAMETOOLONG);
}

TEST(many_files, "a folder with a thousand files, some removed and made again")
{
	char name[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		make_file(name);
	}
	CHECK_EQ(count_entries("."), 1002);
	for (int i = 0; i < 1000; i += 3) {
		snprintf(name, sizeof(name), "file%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	CHECK_EQ(count_entries("."), 1002 - 334);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		CHECK_EQ(exists(name), i % 3 != 0);
		if (i % 3 == 0)
			make_file(name);
	}
	CHECK_EQ(count_entries("."), 1002);
}

TEST(deep, "a path of forty folders, and back")
{
	for (int i = 0; i < 40; i++) {
		CHECK_EQ(mkdir("d", 0777), 0);
		CHECK_EQ(chdir("d"), 0);
	}
	make_file("f");
	for (int i = 0; i < 40; i++) {
		CHECK_EQ(unlink(i ? "d" : "f"), 0);
		CHECK_EQ(chdir(".."), 0);
	}
	CHECK_EQ(rmdir("d"), 0);
}

/* ---- symbolic links ---- */

TEST(symlinks, "links to files, folders and nothing; relative to their own folder")
{
	char buf[PATH_MAX];
	struct stat st;
	int fd;

	CHECK_EQ(mkdir("d", 0777), 0);
	make_file("d/file");
	CHECK_EQ(symlink("d/file", "s"), 0);
	CHECK_EQ(symlink("file", "d/t"), 0);
	CHECK_EQ(symlink("d", "e"), 0);
	CHECK_EQ(symlink("nothing", "dangling"), 0);
	CHECK_EQ(size_of("s"), 6);
	CHECK_EQ(size_of("d/t"), 6);
	CHECK_EQ(size_of("e/t"), 6);
	CHECK_EQ(size_of("e/../e/file"), 6);
	CHECK_EQ(lstat("s", &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_EQ(st.st_mode & 0777, 0777);
	CHECK_EQ(st.st_size, 6);
	CHECK_EQ(stat("s", &st), 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(st.st_mode & 0777, 0644);
	CHECK_EQ(readlink("s", buf, sizeof(buf)), 6);
	CHECK(memcmp(buf, "d/file", 6) == 0);
	CHECK_EQ(readlink("s", buf, 3), 3);
	CHECK_FAILS(readlink("d", buf, sizeof(buf)), EINVAL);
	CHECK_FAILS(readlink("s", buf, 0), EINVAL);
	CHECK_FAILS(syscall(SYS_readlink, "s", buf, -1), EINVAL);
	CHECK_FAILS(open("dangling", O_RDONLY), ENOENT);
	CHECK_FAILS(symlink("x", "s"), EEXIST);
	CHECK_FAILS(symlink("", "z"), ENOENT);
	fd = open("s", O_RDONLY | O_NOFOLLOW);
	CHECK(fd >= 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_EQ(read(fd, buf, sizeof(buf)), 6);
	CHECK(memcmp(buf, "d/file", 6) == 0);
	CHECK_EQ(unlink("s"), 0);
	CHECK_EQ(size_of("d/file"), 6);
	CHECK_EQ(unlink("e"), 0);
	CHECK(exists("d/file"));
}

TEST(many_links, "two thousand links to a few files, each followed, read and removed")
{
	char name[16], target[16], buf[16];

	for (int i = 0; i < 7; i++) {
		snprintf(target, sizeof(target), "t%d", i);
		write_file(target, "links' target", (size_t)i);
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "t%d", i % 7);
		CHECK_EQ(symlink(target, name), 0);
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "t%d", i % 7);
		CHECK_EQ(size_of(name), i % 7);
		CHECK_EQ(readlink(name, buf, sizeof(buf)), 2);
		CHECK(memcmp(buf, target, 2) == 0);
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		CHECK_EQ(unlink(name), 0);
		CHECK(!exists(name));
	}
}

TEST(symlink_chain, "ten links in one path are followed, eleven are a loop")
{
	char name[8], target[8];

	make_file("f");
	CHECK_EQ(symlink("f", "l1"), 0);
	for (int i = 2; i <= 11; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		CHECK_EQ(symlink(target, name), 0);
	}
	CHECK_EQ(size_of("l10"), 1);
	CHECK_FAILS(open("l11", O_RDONLY), ELOOP);
	CHECK_EQ(symlink("self", "self"), 0);
	CHECK_FAILS(open("self", O_RDONLY), ELOOP);
	CHECK_EQ(symlink("b", "a"), 0);
	CHECK_EQ(symlink("a", "b"), 0);
	CHECK_FAILS(open("a", O_RDONLY), ELOOP);
	CHECK_FAILS(open("a/x", O_RDONLY), ELOOP);
	CHECK_FAILS(open("a", O_RDWR | O_CREAT, 0666), ELOOP);
}

TEST(symlink_target, "targets of up to 127 bytes")
{
	char target[200], buf[200];

	memset(target, 'x', sizeof(target));
	target[127] = '\0';
	CHECK_EQ(symlink(target, "s"), 0);
	CHECK_EQ(readlink("s", buf, sizeof(buf)), 127);
	CHECK(memcmp(buf, target, 127) == 0);
	target[127] = 'x';
	target[128] = '\0';
	CHECK_FAILS(symlink(target, "t"), ENAMETOOLONG);
	CHECK(!exists("t"));
}

/* ---- rename ---- */

TEST(rename, "files and folders get other names; what had the name is replaced")
{
	make_file("aa");
	CHECK_EQ(rename("aa", "b"), 0);
	CHECK(!exists("aa"));
	CHECK_EQ(size_of("b"), 2);
	make_file("ccc");
	CHECK_EQ(rename("ccc", "b"), 0);
	CHECK_EQ(size_of("b"), 3);
	CHECK_EQ(rename("b", "b"), 0);
	CHECK_EQ(size_of("b"), 3);
	CHECK_EQ(mkdir("d", 0777), 0);
	CHECK_EQ(mkdir("e", 0777), 0);
	CHECK_EQ(rename("b", "d/b"), 0);
	CHECK_EQ(rename("d", "e/d"), 0);
	CHECK_EQ(size_of("e/d/b"), 3);
	CHECK_EQ(links_of("e"), 3);
	CHECK_EQ(links_of("."), 3);
	CHECK_EQ(size_of("e/d/../d/b"), 3);
	CHECK_FAILS(rename("e", "e/d/x"), EINVAL);
	CHECK_FAILS(rename("e", "e/x"), EINVAL);
	CHECK_FAILS(rename("nothing", "x"), ENOENT);
	CHECK_FAILS(rename("e", "nothing/x"), ENOENT);
	make_file("f");
	CHECK_FAILS(rename("f", "e"), EISDIR);
	CHECK_FAILS(rename("e", "f"), ENOTDIR);
	CHECK_EQ(mkdir("g", 0777), 0);
	CHECK_FAILS(rename("g", "e"), ENOTEMPTY);
	CHECK_EQ(rename("e", "g"), 0);
	CHECK_EQ(size_of("g/d/b"), 3);
	CHECK_EQ(rename("g", "."), -1);
	CHECK_EQ(rename(".", "h"), -1);
	CHECK_EQ(link("f", "f2"), 0);
	CHECK_EQ(rename("f", "f2"), 0);		/* the same file: nothing happens */
	CHECK(exists("f") && exists("f2"));
}

TEST(rename_atomic, "the new name leads to a whole file at every moment")
{
	pid_t pid;

	write_file("f", "old", 3);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 300; i++) {
			write_file("new", i % 2 ? "one" : "two", 3);
			if (rename("new", "f") < 0)
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < 600; i++) {
		int fd = open("f", O_RDONLY);
		char buf[4];

		CHECK(fd >= 0);
		CHECK_EQ(read(fd, buf, 4), 3);
		close(fd);
	}
	check_child(pid);
}

/* ---- what is known about files ---- */

TEST(stat, "type, size, links, times")
{
	struct stat st;
	time_t now = time(NULL);

	make_file("f");
	CHECK_EQ(stat("f", &st), 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(st.st_size, 1);
	CHECK_EQ(st.st_nlink, 1);
	CHECK(st.st_mtime >= now && st.st_mtime < now + 60);
	CHECK(st.st_ino != 0);
	CHECK_EQ(stat(".", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_EQ(st.st_size % 16, 0);
	CHECK_EQ(stat("/dev/console", &st), 0);
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQ(major(st.st_rdev), 1);
	CHECK_EQ(minor(st.st_rdev), 0);
	CHECK_FAILS(stat("nothing", &st), ENOENT);
	CHECK_FAILS(stat("f/x", &st), ENOTDIR);
	CHECK_EQ(access("f", F_OK), 0);
	CHECK_EQ(access("f", R_OK | W_OK), 0);
	CHECK_FAILS(access("nothing", F_OK), ENOENT);
	CHECK_FAILS(access("f", 100), EINVAL);
}

TEST(read_folder, "a folder is read as 16-byte entries, . and .. among them, and not written")
{
	struct fs_dirent e[8];
	int fd, found = 0;
	struct stat st;

	make_file("f");
	CHECK_EQ(stat("f", &st), 0);
	fd = open(".", O_RDONLY);
	CHECK_EQ(read(fd, e, sizeof(e)), 48);
	CHECK_STR(e[0].name, ".");
	CHECK_STR(e[1].name, "..");
	for (int i = 0; i < 3; i++)
		if (strcmp(e[i].name, "f") == 0 && e[i].inum == st.st_ino)
			found++;
	CHECK_EQ(found, 1);
	CHECK_EQ(write(fd, e, 16), -1);
	CHECK_EQ(ftruncate(fd, 0), -1);
}

/* ---- several processes ---- */

TEST(create_storm, "four processes make, link and remove the same names")
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (pid[i])
			continue;
		for (int k = 0; k < i * 10; k++)
			random32();
		for (int k = 0; k < 300; k++) {
			char a[2] = { (char)('a' + random_below(5)) };
			char b[2] = { (char)('a' + random_below(5)) };
			int fd;

			switch (random_below(6)) {
			case 0:
				fd = open(a, O_RDWR | O_CREAT, 0666);
				if (fd >= 0)
					write(fd, a, 1);
				close(fd);
				break;
			case 1:
				link(a, b);
				break;
			case 2:
				rename(a, b);
				break;
			case 3:
				mkdir(a, 0777);
				break;
			case 4:
				symlink(a, b);
				break;
			default:
				unlink(a);
			}
		}
		_exit(0);
	}
	for (int i = 0; i < 4; i++)
		check_child(pid[i]);
	CHECK(count_entries(".") <= 7);
}

TEST(shared_file, "four processes write a file's own quarters and append to a common one")
{
	static char buf[4000], all[16000];
	pid_t pid[4];
	int fd;

	for (int i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		fd = open("f", O_RDWR | O_CREAT, 0666);
		for (int k = 0; k < 20; k++) {
			fill_pattern(buf, sizeof(buf), (unsigned)(i * 100 + k));
			lseek(fd, i * (off_t)sizeof(buf), SEEK_SET);
			if (write(fd, buf, sizeof(buf)) != sizeof(buf))
				_exit(1);
			lseek(fd, i * (off_t)sizeof(buf), SEEK_SET);
			if (read(fd, buf, sizeof(buf)) != sizeof(buf) ||
			    !is_pattern(buf, sizeof(buf), (unsigned)(i * 100 + k)))
				_exit(2);
		}
		_exit(0);
	}
	for (int i = 0; i < 4; i++)
		check_child(pid[i]);
	fd = open("f", O_RDONLY);
	CHECK_EQ(read(fd, all, sizeof(all)), sizeof(all));
	for (unsigned i = 0; i < 4; i++)
		CHECK(is_pattern(all + i * sizeof(buf), sizeof(buf), i * 100 + 19));
}

TEST(opposite_folders, "two processes work in opposite directions through two folders")
{
	pid_t pid[2];

	CHECK_EQ(mkdir("a", 0777), 0);
	CHECK_EQ(mkdir("b", 0777), 0);
	for (int i = 0; i < 2; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		for (int k = 0; k < 300; k++) {
			make_file(i ? "a/x" : "b/y");
			rename(i ? "a/x" : "b/y", i ? "b/x" : "a/y");
			link(i ? "b/x" : "a/y", i ? "a/x2" : "b/y2");
			unlink(i ? "b/x" : "a/y");
			unlink(i ? "a/x2" : "b/y2");
		}
		_exit(0);
	}
	check_child(pid[0]);
	check_child(pid[1]);
	CHECK_EQ(rmdir("a"), 0);
	CHECK_EQ(rmdir("b"), 0);
}

TEST(large_write, "a write of megabytes in one call, and a read of them")
{
	size_t n = 5 << 20;
	char *p = malloc(n);
	int fd = open("f", O_RDWR | O_CREAT, 0666);

	CHECK(p != NULL);
	fill_pattern(p, n, 9);
	CHECK_EQ(write(fd, p, n), n);
	memset(p, 0, n);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, p, n), n);
	CHECK(is_pattern(p, n, 9));
	CHECK_EQ(fsync(fd), 0);
}
