# The wheel of tools/python, and the package python3-platefs with what is in it. Both need Python's build tools
# (tools/install-packages python); without them there are none.
find_program(DEBIAN_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
set(python_component "")
if(DEBIAN_PYTHON)
  execute_process(COMMAND ${DEBIAN_PYTHON} -c "import build, setuptools, wheel" RESULT_VARIABLE has_no_tools
                  OUTPUT_QUIET ERROR_QUIET)
endif()
if(NOT DEBIAN_PYTHON OR has_no_tools)
  message(STATUS "no python3-build, -setuptools, -wheel: python3-platefs is not made")
  return()
endif()

set(python_component python)
set(wheels ${PROJECT_BINARY_DIR}/python)
file(GLOB_RECURSE python_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/python/*.py
     ${PROJECT_SOURCE_DIR}/tools/python/pyproject.toml)
set(wheel ${wheels}/platefs-${PROJECT_VERSION}-py3-none-any.whl)
# From a copy: setuptools writes beside what it builds. Without isolation, which would want the network.
add_custom_command(OUTPUT ${wheel} ${wheels}/stamp
                   COMMAND ${CMAKE_COMMAND} -E rm -rf ${wheels}
                   COMMAND ${CMAKE_COMMAND} -E copy_directory ${PROJECT_SOURCE_DIR}/tools/python ${wheels}/source
                   COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1 ${DEBIAN_PYTHON} -m build --wheel --no-isolation
                           --outdir ${wheels} ${wheels}/source > ${wheels}.log 2>&1
                   COMMAND ${CMAKE_COMMAND} -E make_directory ${wheels}/unpacked
                   COMMAND ${CMAKE_COMMAND} -E chdir ${wheels}/unpacked ${CMAKE_COMMAND} -E tar xf ${wheel}
                   # By RECORD pip takes files for its own; these are dpkg's.
                   COMMAND ${CMAKE_COMMAND} -E rm ${wheels}/unpacked/platefs-${PROJECT_VERSION}.dist-info/RECORD
                   COMMAND ${CMAKE_COMMAND} -E touch ${wheels}/stamp
                   DEPENDS ${python_sources} VERBATIM)
add_custom_target(python-wheel ALL DEPENDS ${wheels}/stamp)
install(DIRECTORY ${wheels}/unpacked/ DESTINATION lib/python3/dist-packages COMPONENT python
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/python3-platefs COMPONENT python)

set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-platefs)
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3 (>= 3.9), python3-numpy, python3-astropy, platefs (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PYTHON_PACKAGE_RECOMMENDS "python3-fsspec")
set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/python/postinst
                                              ${CMAKE_CURRENT_SOURCE_DIR}/python/prerm)
string(JOIN "\n" CPACK_DEBIAN_PYTHON_DESCRIPTION
       "photographic plates by target, in Python"
       "A target has the plates that show a place on the sky as an astropy table,"
       "their cutouts as FITS, and stamps for notebooks. platefs:// opens by fsspec."
       "All that over a mount of platefs, or over a server that it starts and ends.")
