# What many sources include takes longer to read than the sources themselves, so it is read once.
#
#   stayd_precompiled(NAME HEADERS <header>… [OPTIONS option…] [LINKS target…])
#       precompiles these headers, with the options that their users have
#   stayd_use_precompiled(TARGET NAME)
#       lets TARGET's C++ sources start from them
#
# STAYD_PCH is for clang, whose precompiled headers do not insist on equal definitions; a build
# without it shows which includes are missing.
#
# Two things let ccache serve one clone's objects to another: the path is relative (Ninja compiles
# in the build directory, and ccache does not rewrite what follows -Xclang), and instead of the
# precompiled file, which has absolute paths in it, ccache hashes the list of headers (.sum,
# CCACHE_PCH_EXTSUM in scripts/build). A header that changes is noticed all the same: the compiler
# names all of them as dependencies.
function(stayd_precompiled name)
  if(NOT STAYD_PCH)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS;LINKS" ${ARGN})
  add_library(stayd_pch_${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
  target_link_libraries(stayd_pch_${name} PRIVATE ${ARG_LINKS})
  target_precompile_headers(stayd_pch_${name} PRIVATE ${ARG_HEADERS})
  # Some libraries want it of whoever uses them, and clang that all agree.
  target_compile_options(stayd_pch_${name} PRIVATE -pthread ${ARG_OPTIONS})
  set(file ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/stayd_pch_${name}.dir/cmake_pch.hxx.pch)
  file(WRITE ${file}.sum "${ARG_HEADERS}\n")
  set_property(TARGET stayd_pch_${name} PROPERTY STAYD_PCH_FILE ${file})
endfunction()

function(stayd_use_precompiled target name)
  if(NOT STAYD_PCH)
    return()
  endif()
  get_property(file TARGET stayd_pch_${name} PROPERTY STAYD_PCH_FILE)
  get_property(sources TARGET ${target} PROPERTY SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS ${file})
  file(RELATIVE_PATH file ${CMAKE_BINARY_DIR} ${file})
  target_compile_options(${target} PRIVATE -pthread "SHELL:-Xclang -include-pch -Xclang ${file}")
endfunction()
