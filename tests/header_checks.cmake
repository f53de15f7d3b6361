# The test `headers`: each header compiles alone, under the flags of the program.
file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
     ${CMAKE_SOURCE_DIR}/core/*.h ${CMAKE_SOURCE_DIR}/billing/*.h ${CMAKE_SOURCE_DIR}/radius/*.h
     ${CMAKE_SOURCE_DIR}/routeros/*.h ${CMAKE_SOURCE_DIR}/webadmin/*.h ${CMAKE_SOURCE_DIR}/app/*.h
     ${CMAKE_SOURCE_DIR}/bench/*.h ${CMAKE_SOURCE_DIR}/tests/*/*.h)
set(sources)
foreach(header IN LISTS headers)
    string(REGEX REPLACE "[/.]" "_" name ${header})
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp)
    # Twice, so that a missing #pragma once is seen too.
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"@header@\"\n#include \"@header@\"\n" @ONLY)
    list(APPEND sources ${source})
endforeach()
add_library(header_checks OBJECT EXCLUDE_FROM_ALL ${sources})
target_link_libraries(header_checks PRIVATE gardu_test_support)
target_compile_options(header_checks PRIVATE -O0 -g0)
add_test(NAME headers COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --target header_checks)
set_tests_properties(headers PROPERTIES LABELS style TIMEOUT 900)
