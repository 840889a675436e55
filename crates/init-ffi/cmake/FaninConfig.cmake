# find_package(Fanin): defines the targets Fanin::fanin (shared) and Fanin::fanin_static. Installed in
# <prefix>/share/cmake/Fanin, it finds the other files relative to itself, so that the tree can be moved.

get_filename_component(_fanin_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

set(_fanin_lib_dirs "${_fanin_prefix}/lib" "${_fanin_prefix}/lib64")
if(CMAKE_LIBRARY_ARCHITECTURE)
    list(APPEND _fanin_lib_dirs "${_fanin_prefix}/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
endif()

find_path(FANIN_INCLUDE_DIR fanin.h PATHS "${_fanin_prefix}/include" NO_DEFAULT_PATH)
find_library(FANIN_LIBRARY NAMES libfanin.so libfanin.dylib fanin.dll.lib PATHS ${_fanin_lib_dirs} NO_DEFAULT_PATH)
find_library(FANIN_STATIC_LIBRARY NAMES libfanin.a fanin.lib PATHS ${_fanin_lib_dirs} NO_DEFAULT_PATH)
mark_as_advanced(FANIN_INCLUDE_DIR FANIN_LIBRARY FANIN_STATIC_LIBRARY)

if(NOT FANIN_INCLUDE_DIR OR NOT (FANIN_LIBRARY OR FANIN_STATIC_LIBRARY))
    set(Fanin_FOUND FALSE)
    set(Fanin_NOT_FOUND_MESSAGE "fanin.h or libfanin was not found below ${_fanin_prefix}, the prefix of this file.")
    return()
endif()

if(FANIN_LIBRARY AND NOT TARGET Fanin::fanin)
    add_library(Fanin::fanin SHARED IMPORTED)
    set_target_properties(Fanin::fanin PROPERTIES
        IMPORTED_LOCATION "${FANIN_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${FANIN_INCLUDE_DIR}")
endif()

if(FANIN_STATIC_LIBRARY AND NOT TARGET Fanin::fanin_static)
    include(CMakeFindDependencyMacro)
    find_dependency(Threads)
    add_library(Fanin::fanin_static STATIC IMPORTED)
    set_target_properties(Fanin::fanin_static PROPERTIES
        IMPORTED_LOCATION "${FANIN_STATIC_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${FANIN_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
endif()

unset(_fanin_prefix)
unset(_fanin_lib_dirs)
