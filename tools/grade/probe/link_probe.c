/* Facts about symbolic links. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "probe.h"

static void
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

static const char *
text_of(const char *path)
{
	static char buf[64];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return strerror(errno);
	n = read(fd, buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	close(fd);
	return buf;
}

static void
follow(void)
{
	char target[PATH_MAX] = "";

	make_file("/tmp/target", "found it");
	symlink("/tmp/target", "/tmp/l1");
	symlink("l1", "/tmp/l2");
	mkdir("/tmp/dir", 0755);
	symlink("../l2", "/tmp/dir/l3");
	symlink("/tmp/dir", "/tmp/there");
	printf("follow: %s, %s, %s\n", text_of("/tmp/l1"), text_of("/tmp/l2"),
	    text_of("/tmp/there/l3"));
	readlink("/tmp/l2", target, sizeof(target) - 1);
	printf("follow: readlink %s\n", target);
}

static void
loop(void)
{
	symlink("/tmp/b", "/tmp/a");
	symlink("/tmp/a", "/tmp/b");
	printf("loop: %s\n", text_of("/tmp/a"));
	printf("loop: folder %s\n", text_of("/tmp/a/x"));
}

static void
dangling(void)
{
	symlink("/tmp/none", "/tmp/d");
	printf("dangling: %s\n", text_of("/tmp/d"));
	make_file("/tmp/none", "there");
	printf("dangling: %s\n", text_of("/tmp/d"));
	unlink("/tmp/d");
	printf("dangling: unlinked, %s\n", text_of("/tmp/none"));
}

static void
itself(void)
{
	struct stat st;
	int fd;

	make_file("/tmp/f", "x");
	symlink("/tmp/f", "/tmp/s");
	fd = open("/tmp/s", O_RDONLY | O_NOFOLLOW);
	fstat(fd, &st);
	printf("itself: fd %s, a %s\n", fd < 0 ? "bad" : "good",
	    S_ISLNK(st.st_mode) ? "link" : "file");
}

/* Two make and remove links while two look them up. */
static void
storm(void)
{
	int status, bad = 0;

	make_file("/tmp/eye", "calm");
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			for (int n = 0; n < 200; n++)
				if (i < 2) {
					symlink("/tmp/eye", "/tmp/s1");
					symlink("/tmp/s1", "/tmp/s2");
					unlink("/tmp/s1");
					unlink("/tmp/s2");
				} else {
					const char *t = text_of("/tmp/s2");

					if (strcmp(t, "calm") != 0 && strcmp(t, strerror(ENOENT)))
						_exit(1);
				}
			_exit(0);
		}
	while (wait(&status) > 0)
		bad += status != 0;
	printf("storm: %d of 4 saw something strange, %s\n", bad, text_of("/tmp/eye"));
}

static const struct check checks[] = {
	{ "follow", follow }, { "loop", loop }, { "dangling", dangling }, { "itself", itself },
	{ "storm", storm },
};
PROBE_MAIN(checks)
