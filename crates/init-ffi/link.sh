#!/bin/sh
# Runs the linker with a version node for the exported symbols, for programs that were linked with this ABI.
#
# rustc writes the list of exported symbols into a version script without a name, and a linker accepts only one script
# where one has no name. So the list itself gets the name before the linker reads it. gcc calls this script by its
# option -wrapper; see build.rs.
version=$1
shift
for argument; do
    case $argument in
        --version-script=*/list) sed -i "1s/^{/$version {/" "${argument#*=}" ;;
    esac
done
exec "$@"
