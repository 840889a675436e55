# Where the headers and libraries are, for FaninConfig.cmake and FaninConfigVersion.cmake. `cmake --install` writes the
# directories of its options instead; `cargo cinstall` does not tell its own, so they are searched: first next to this file,
# in <prefix>/share/cmake/Fanin, then in any directory of the prefix, then where CMake looks by default.

get_filename_component(_fanin_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

set(_fanin_include_dirs "${_fanin_prefix}/include")
set(_fanin_lib_dirs "${_fanin_prefix}/lib" "${_fanin_prefix}/lib64")
if(CMAKE_LIBRARY_ARCHITECTURE)
    list(INSERT _fanin_lib_dirs 0 "${_fanin_prefix}/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
endif()

file(GLOB _fanin_found "${_fanin_prefix}/*/fanin.h" "${_fanin_prefix}/*/*/fanin.h")
foreach(_fanin_file IN LISTS _fanin_found)
    get_filename_component(_fanin_dir "${_fanin_file}" DIRECTORY)
    list(APPEND _fanin_include_dirs "${_fanin_dir}")
endforeach()
file(GLOB _fanin_found "${_fanin_prefix}/*/libfanin.*" "${_fanin_prefix}/*/*/libfanin.*")
foreach(_fanin_file IN LISTS _fanin_found)
    get_filename_component(_fanin_dir "${_fanin_file}" DIRECTORY)
    list(APPEND _fanin_lib_dirs "${_fanin_dir}")
endforeach()

# Written by `cmake --install` only.
set(_fanin_exact FALSE)
