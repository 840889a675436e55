# The version is defined in fanin.h only.

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../../../include/fanin.h" _fanin_version REGEX "^#define FANIN_VERSION \"")
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" PACKAGE_VERSION "${_fanin_version}")
string(REGEX MATCH "^[0-9]+\\.[0-9]+" _fanin_has "${PACKAGE_VERSION}")
string(REGEX MATCH "^[0-9]+(\\.[0-9]+)?" _fanin_wants "${PACKAGE_FIND_VERSION}")

# Compatible like the soname: 0.1 and 0.2 differ, and from 1 on only the major version counts.
if(PACKAGE_VERSION VERSION_GREATER_EQUAL 1)
    string(REGEX MATCH "^[0-9]+" _fanin_has "${PACKAGE_VERSION}")
    string(REGEX MATCH "^[0-9]+" _fanin_wants "${PACKAGE_FIND_VERSION}")
endif()
if(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION OR NOT _fanin_has VERSION_EQUAL _fanin_wants)
    set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
    if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
        set(PACKAGE_VERSION_EXACT TRUE)
    endif()
endif()
