#pragma once
/* Debian's libfreeradius-dev includes this file but does not ship it. Upstream's only undefines PACKAGE_
 * macros. */
