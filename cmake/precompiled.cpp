// SPDX-License-Identifier: Apache-2.0
// A target has to have a source: this one only carries precompiled headers
// (precompiled_headers.cmake).
