// SPDX-License-Identifier: Apache-2.0
// A target has to have a source: this one only carries the precompiled headers (CMakeLists.txt).
