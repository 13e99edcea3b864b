/* /dev/null (minor 0) and /dev/zero (minor 1). */
#ifndef DEV_MEMDEV_H
#define DEV_MEMDEV_H

void	memdev_init(void);

#endif
