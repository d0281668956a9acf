// SPDX-License-Identifier: Apache-2.0
//
// The bodies of Asio's TLS part, compiled once for the whole program.
#include <boost/asio/ssl/impl/src.hpp>
