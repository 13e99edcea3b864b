// A folder read as entries of 16 bytes; stat in this family's order.
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fs.h"
#include "fcntl.h"

int
main(void)
{
	struct dirent de;
	struct stat st;
	int fd;

	mkdir("l");
	fd = open("l/file", O_CREATE | O_RDWR);
	write(fd, "12345", 5);
	close(fd);
	fd = open("l", 0);
	while (read(fd, &de, sizeof(de)) == sizeof(de))
		if (de.inum)
			printf(1, "%s\n", de.name);
	close(fd);
	stat("l/file", &st);
	printf(1, "%d %d %d %d\n", st.type, st.nlink, st.size, st.ino > 0 && st.dev == 1);
	fd = open("console", O_RDWR);
	if (fd < 0) {
		mknod("console", 1, 1);
		fd = open("console", O_RDWR);
	}
	fstat(fd, &st);
	printf(1, "%d\n", st.type);
	printf(1, "%d ", unlink("l/file"));
	printf(1, "%d\n", unlink("l"));
	exit();
}
