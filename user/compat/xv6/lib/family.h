/* The shared sources, compiled for this family. */
#ifndef FAMILY_H
#define FAMILY_H

#include <compat.h>

#include "kernel/types.h"

#include "kernel/stat.h"
#include "user/user.h"

typedef uint64	wide_t;

#endif
