/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Every header of this folder needs this: integer types, the size assertion, and the version.
 *
 * The rules for the folder are: fixed-width types only, no pointers, no implicit padding (-Wpadded
 * is an error: padding would leak bytes of the kernel's stack), integers in host byte order, plain
 * data that compiles as C and as C++.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#ifdef __cplusplus
#define STAYD_ASSERT_SIZE(type, size) static_assert(sizeof(struct type) == (size), #type)
#else
#define STAYD_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)
#endif

/* Names the directory that maps and links are pinned in. Raise it with every change to a map's
 * name, key or value: an agent takes over only what has its own version. */
#define STAYD_WIRE_VERSION 7
