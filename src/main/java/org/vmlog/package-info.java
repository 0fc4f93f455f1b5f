/** vmlog: the logs of many VMs on their host, each under the right name. */
@NullMarked
package org.vmlog;

import org.jspecify.annotations.NullMarked;
