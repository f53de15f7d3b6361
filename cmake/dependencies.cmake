# Everything comes from Debian 12 packages; tools/packages.txt lists them.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)

# Debian's PocoDataMySQL refers to a target that it does not define.
if(NOT TARGET MySQL::client)
    add_library(MySQL::client INTERFACE IMPORTED)
    target_link_libraries(MySQL::client INTERFACE mariadb)
endif()
find_package(Poco REQUIRED COMPONENTS Foundation Util Net Crypto NetSSL Data DataSQLite DataMySQL)
find_package(SQLite3 REQUIRED)
find_package(date REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)

find_library(FREERADIUS_RADIUS freeradius-radius PATHS /usr/lib/freeradius NO_DEFAULT_PATH REQUIRED)
find_library(TALLOC talloc REQUIRED)
find_library(LIBCSV csv REQUIRED)
find_library(CPPUNIT cppunit REQUIRED)

# libfreeradius-radius has no SONAME and lies off the loader's path.
set(CMAKE_BUILD_RPATH /usr/lib/freeradius)
set(CMAKE_INSTALL_RPATH /usr/lib/freeradius)
