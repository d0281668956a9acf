/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The one definition of every byte and number that crosses between bpf/ and agent/, by subject.
 * The rules for these headers are in contract.h.
 */
#pragma once

#include "stayd/answers.h"
#include "stayd/connections.h"
#include "stayd/contract.h"
#include "stayd/counters.h"
#include "stayd/data.h"
#include "stayd/events.h"
#include "stayd/files.h"
#include "stayd/filesystems.h"
#include "stayd/hints.h"
#include "stayd/limits.h"
#include "stayd/objects.h"
#include "stayd/pending.h"
#include "stayd/siphash.h"
#include "stayd/syscalls.h"
#include "stayd/tables.h"
#include "stayd/verdicts.h"
#include "stayd/workloads.h"
