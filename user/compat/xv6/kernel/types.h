/* The names xv6 gives to its integers. */
#ifndef XV6_TYPES_H
#define XV6_TYPES_H

typedef unsigned char	uchar;
typedef unsigned short	ushort;
typedef unsigned int	uint;
typedef __UINT8_TYPE__	uint8;
typedef __UINT16_TYPE__	uint16;
typedef __UINT32_TYPE__	uint32;
typedef __UINT64_TYPE__	uint64;
typedef uint64		pde_t;

#endif
