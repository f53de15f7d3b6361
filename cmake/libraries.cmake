# One static library per folder, linked in this order: an upward call does not link.
function(gardu_library name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp ${CMAKE_SOURCE_DIR}/${name}/*.c)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    if(sources)
        add_library(gardu_${name} STATIC ${sources})
        target_include_directories(gardu_${name} PUBLIC ${CMAKE_SOURCE_DIR})
        target_link_libraries(gardu_${name} PUBLIC ${ARGN})
    else()
        add_library(gardu_${name} INTERFACE)
        target_link_libraries(gardu_${name} INTERFACE ${ARGN})
    endif()
endfunction()

gardu_library(core Poco::DataSQLite Poco::DataMySQL Poco::Data Poco::Util Poco::Foundation date::date-tz
              OpenSSL::Crypto prometheus-cpp::core ${LIBCSV} Threads::Threads)
gardu_library(billing gardu_core nlohmann_json::nlohmann_json)
gardu_library(radius gardu_billing gardu_core ${FREERADIUS_RADIUS} ${TALLOC} SQLite::SQLite3)
gardu_library(routeros gardu_core)
gardu_library(webadmin gardu_radius gardu_billing gardu_routeros gardu_core Poco::Net)
gardu_library(app gardu_webadmin gardu_radius gardu_billing gardu_routeros gardu_core
              Poco::NetSSL Poco::Net CLI11::CLI11 nlohmann_json::nlohmann_json)

# The migrations are compiled in, so that the program and its schema cannot part.
file(GLOB schema_scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/conf/schema/*/*.sql)
set(schema_source ${CMAKE_BINARY_DIR}/schema_scripts.cpp)
add_custom_command(
    OUTPUT ${schema_source}
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR}/conf/schema -DOUTPUT=${schema_source}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_schema.cmake
    DEPENDS ${schema_scripts} ${CMAKE_SOURCE_DIR}/cmake/embed_schema.cmake)
target_sources(gardu_core PRIVATE ${schema_source})

target_include_directories(gardu_radius SYSTEM PRIVATE ${CMAKE_SOURCE_DIR}/radius/shim)
set_source_files_properties(${CMAKE_SOURCE_DIR}/radius/wire_dictionary.cpp
    PROPERTIES COMPILE_DEFINITIONS GARDU_DICTIONARY_DIR="${CMAKE_SOURCE_DIR}/dictionaries")
set_source_files_properties(${CMAKE_SOURCE_DIR}/app/command_line.cpp
    PROPERTIES COMPILE_DEFINITIONS GARDU_VERSION="${PROJECT_VERSION}")

if(EXISTS ${CMAKE_SOURCE_DIR}/app/main.cpp)
    add_executable(gardu app/main.cpp)
    target_link_libraries(gardu PRIVATE gardu_app)
endif()
