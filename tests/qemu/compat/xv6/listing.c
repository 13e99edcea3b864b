// A folder read as entries of 16 bytes.
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "kernel/fs.h"
#include "user/user.h"

int
main(void)
{
	char *names[] = { "l/one", "l/fourteen-bytes!", "l/sub" }, name[DIRSIZ + 1];
	struct dirent de;
	struct stat st;
	int fd, n = 0;

	mkdir("l");
	for (int i = 0; i < 2; i++)
		close(open(names[i], O_CREATE | O_WRONLY));
	mkdir(names[2]);
	fd = open("l", 0);
	fstat(fd, &st);
	printf("type %d links %d size %d\n", st.type, st.nlink, (int)st.size);
	while (read(fd, &de, sizeof(de)) == sizeof(de)) {
		if (de.inum == 0)
			continue;
		n++;
		memmove(name, de.name, DIRSIZ);
		name[DIRSIZ] = 0;
		printf("%s\n", name);
	}
	close(fd);
	printf("%d entries\n", n);
	stat("l/fourteen-bytes!", &st);
	printf("type %d links %d size %l\n", st.type, st.nlink, st.size);
	for (int i = 0; i < 3; i++)
		printf("%d", unlink(names[i]));
	fd = open("l", 0);
	for (n = 0; read(fd, &de, sizeof(de)) == sizeof(de);)
		n += de.inum != 0;
	printf(" %d %d\n", n, unlink("l"));
	exit(0);
}
