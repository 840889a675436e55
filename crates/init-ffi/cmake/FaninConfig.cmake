# find_package(Fanin): defines the targets Fanin::fanin (shared) and Fanin::fanin_static. It finds the other files relative to
# itself, so that the tree can be moved.

include("${CMAKE_CURRENT_LIST_DIR}/FaninDirectories.cmake")

find_path(FANIN_INCLUDE_DIR fanin.h PATHS ${_fanin_include_dirs} NO_DEFAULT_PATH)
find_library(FANIN_LIBRARY NAMES libfanin.so libfanin.dylib fanin.dll.lib PATHS ${_fanin_lib_dirs} NO_DEFAULT_PATH)
find_library(FANIN_STATIC_LIBRARY NAMES libfanin.a fanin.lib PATHS ${_fanin_lib_dirs} NO_DEFAULT_PATH)
if(NOT _fanin_exact)
    find_path(FANIN_INCLUDE_DIR fanin.h)
    find_library(FANIN_LIBRARY NAMES libfanin.so libfanin.dylib fanin.dll.lib)
    find_library(FANIN_STATIC_LIBRARY NAMES libfanin.a fanin.lib)
endif()
mark_as_advanced(FANIN_INCLUDE_DIR FANIN_LIBRARY FANIN_STATIC_LIBRARY)

if(NOT FANIN_INCLUDE_DIR OR NOT (FANIN_LIBRARY OR FANIN_STATIC_LIBRARY))
    set(Fanin_FOUND FALSE)
    set(Fanin_NOT_FOUND_MESSAGE
        "fanin.h was not found in ${_fanin_include_dirs}, or libfanin not in ${_fanin_lib_dirs}; add their prefixes to CMAKE_PREFIX_PATH.")
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
    if(UNIX AND NOT APPLE)
        # A shared library that it is linked into exports none of its symbols.
        set_property(TARGET Fanin::fanin_static PROPERTY INTERFACE_LINK_OPTIONS "-Wl,--exclude-libs,libfanin.a")
    endif()
endif()

unset(_fanin_prefix)
unset(_fanin_include_dirs)
unset(_fanin_lib_dirs)
unset(_fanin_exact)
