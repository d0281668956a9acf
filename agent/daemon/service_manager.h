// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// Tells the service manager that started stayd how it is, sd_notify(3). Without one (no
// NOTIFY_SOCKET) every call does nothing, and none reports an error: enforcement does not depend on
// who is told. Any thread.
namespace stayd::service_manager {

// Enforcement is proven, policies are applied and the sockets are served. Units that are ordered
// after stayd.service start.
void ready(const std::string& status);

// stayd ends because it was asked to.
void stopping();

// One line for `systemctl status`. Escaped here, as it may name what others chose; systemd refuses
// a message that is not UTF-8.
void status(const std::string& text);

}  // namespace stayd::service_manager
