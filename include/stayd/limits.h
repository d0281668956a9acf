/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Every bound that both sides know. Each says what happens beyond it. */
#pragma once

#include "stayd/contract.h"

enum {
  STAYD_MAX_WORKLOADS = 256,                  /* on this host; assigning one more is refused */
  STAYD_SELF_TEST_SLOT = STAYD_MAX_WORKLOADS, /* kept free: an agent can start beside the most */
  STAYD_WORKLOAD_SLOTS,
  STAYD_MAX_HOLDS = 16384,  /* pending at once on this host; operations beyond it are denied */
  STAYD_HOLDS_PER_CALL = 8, /* an execve passes at most six hooks, see bpf/exec.bpf.h */
  STAYD_PORT_RULES = 16,    /* per address prefix, inherited ones included; checked on compiling */
  STAYD_FLOWS = 8,          /* per policy; checked on compiling; bits of stayd_port_rule.exempt */
  STAYD_LABELS = 64,        /* per workload: bits of a mask; checked on assigning */
  STAYD_DNS_SIZE = 4096,    /* bytes of one packet's payload in one event; more take more events */
  STAYD_MAX_RESOLVED = 262144, /* addresses that the agent has looked up, on this host */

  /* Packets of resolvers to one workload; those beyond are not looked at, and their names are not
   * known. */
  STAYD_DNS_WAITING = 64, /* in the ring at once */
  STAYD_DNS_PER_SECOND = 500,

  STAYD_PATH_SIZE = 4096, /* PATH_MAX; of a longer path, the end nearest the file is shown */
  STAYD_ARGV_SIZE = 4096, /* bytes of argv that a person is shown; more are cut and marked so */
  STAYD_PIECE_SIZE = 64,  /* bytes of arguments in one record of argument_pieces */

  /* These bound what a person is shown of one workload's data. All are powers of two. */
  STAYD_DESTINATIONS = 64, /* that are counted apart; beyond, only the sum of bytes is known */
  STAYD_FILES_READ = 16,   /* the latest; older ones are forgotten */
  STAYD_READ_PATH_SIZE = 512,
};
