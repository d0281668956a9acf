// SPDX-License-Identifier: GPL-2.0
/* The ruler: what any LSM program costs that does nothing. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("lsm/file_open")
int empty_file_open(void* context) { return 0; }

SEC("lsm/socket_connect")
int empty_socket_connect(void* context) { return 0; }
