/* Boot parameters: words `key=value` or `key` of the command line. */
#ifndef KERN_BOOTPARAM_H
#define KERN_BOOTPARAM_H

#include "lib/util.h"

void	bootparam_init(const char *cmdline);
const char *bootparam_line(void);
/* Copies the value ("" for a bare key); false: not given. */
bool	bootparam_get(const char *key, char *buf, size_t size);
bool	bootparam_is(const char *key, const char *value);
uint64_t bootparam_number(const char *key, uint64_t otherwise);

#endif
