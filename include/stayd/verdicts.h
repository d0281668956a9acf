/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* The words that policies, operations and events share: verdicts, accesses, operations. */
#pragma once

#include "stayd/contract.h"

/* A policy's verdict, in order of strictness. UNSET in a table entry means that the next, less
 * specific, entry decides. */
enum {
  STAYD_VERDICT_UNSET = 0,
  STAYD_VERDICT_ALLOW = 1,
  STAYD_VERDICT_AUDIT = 2,
  STAYD_VERDICT_HOLD = 3,
  STAYD_VERDICT_DENY = 4,
};

/* The kind of access that is judged: an index into the verdicts of a node or of a policy's
 * defaults. */
enum {
  STAYD_ACCESS_READ = 0,
  STAYD_ACCESS_WRITE = 1,
  STAYD_ACCESS_CREATE = 2,
  STAYD_ACCESS_DELETE = 3,
  STAYD_ACCESS_RENAME = 4,
  STAYD_ACCESS_EXEC = 5,
  STAYD_ACCESS_UNIX = 6, /* connect or send to a unix socket */
  STAYD_ACCESS_NETWORK = 7,
  STAYD_ACCESS_COUNT = 8,
};

enum {
  STAYD_OP_OPEN = 1, /* or truncate by name */
  STAYD_OP_CREATE = 2,
  STAYD_OP_CONNECT = 3,
  STAYD_OP_SEND = 4,
  STAYD_OP_EXEC = 5,
  STAYD_OP_DELETE = 6,
  STAYD_OP_RENAME = 7,
  STAYD_OP_UNIX = 8,
  STAYD_OP_END,
};
