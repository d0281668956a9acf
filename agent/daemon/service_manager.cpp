// SPDX-License-Identifier: Apache-2.0
#include "daemon/service_manager.h"

#include <systemd/sd-daemon.h>

#include "base/escape.h"

namespace stayd::service_manager {
namespace {

// The variable stays: the next message needs it. Children of stayd run no other program.
void notify(const std::string& message) { ::sd_notify(/*unset_environment=*/0, message.c_str()); }

std::string status_line(const std::string& text) { return "STATUS=" + escape(text); }

}  // namespace

void ready(const std::string& text) { notify("READY=1\n" + status_line(text)); }
void stopping() { notify("STOPPING=1\nSTATUS=Stopping; enforcement stays in place"); }
void status(const std::string& text) { notify(status_line(text)); }

}  // namespace stayd::service_manager
