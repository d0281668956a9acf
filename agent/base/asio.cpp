// SPDX-License-Identifier: Apache-2.0
//
// The bodies of Asio and Beast, compiled once for the whole program: whoever links
// stayd_asio sees declarations only.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
