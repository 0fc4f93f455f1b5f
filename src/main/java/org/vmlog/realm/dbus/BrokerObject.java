package org.vmlog.realm.dbus;

import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusAuthority;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusObject;
import org.vmlog.bus.BusRequest;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.realm.RealmException;

/**
 * One of the broker's interfaces. Whether the caller may, and what is said, is found out on the
 * calls' thread, and the answer given on the broker's.
 */
final class BrokerObject implements BusObject {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerObject.class);

  /** A method, up to where it has been understood. Called on the calls' thread. */
  interface Method {
    Work read(BusRequest request) throws BusException;
  }

  /** The rest of it, which answers. Called on the broker's thread. */
  interface Work {
    void run() throws BusException, RealmException;
  }

  private final BrokerInterface of;
  private final Map<String, Method> methods;
  private final BusAuthority authority;
  private final BusAuthority.Right right;
  private final SelectorLoop loop;

  BrokerObject(
      BrokerInterface of,
      Map<String, Method> methods,
      BusAuthority authority,
      BusAuthority.Right right,
      SelectorLoop loop) {
    this.of = of;
    this.methods = Map.copyOf(methods);
    this.authority = authority;
    this.right = right;
    this.loop = loop;
  }

  @Override
  public String introspection() {
    return of.introspection();
  }

  @Override
  public void call(BusRequest request) throws BusException {
    Method method = methods.get(request.member());
    if (method == null
        || !request.interfaceName().orElse(of.interfaceName()).equals(of.interfaceName())) {
      throw new BusException(
          BusException.UNKNOWN_METHOD,
          "no method %s; allowed are %s of %s"
              .formatted(
                  request.member(),
                  String.join(", ", new TreeSet<>(methods.keySet())),
                  of.interfaceName()));
    }
    var unused = authority.require(right, request);
    Work work = method.read(request);
    loop.execute(() -> answer(work, request));
  }

  private static void answer(Work work, BusRequest request) {
    try {
      work.run();
    } catch (BusException e) {
      request.fail(e);
    } catch (RealmException e) {
      request.fail(new BusException(errorName(e.reason()), String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      LOG.error("{} of {} failed", request.member(), request.sender(), e);
      request.fail(new BusException(BusErrors.FAILED, e.toString()));
    }
  }

  private static String errorName(RealmException.Reason reason) {
    return switch (reason) {
      case INVALID -> BusErrors.INVALID_ARGUMENT;
      case NO_SUCH_REALM -> BusErrors.NOT_FOUND;
      case REALM_EXISTS -> BusErrors.EXISTS;
      case NOT_USED -> BusErrors.DENIED;
      case TAKEN -> BusErrors.CLAIMED;
      case LIMIT -> BusErrors.LIMIT;
      case UNAVAILABLE -> BusErrors.FAILED;
    };
  }
}
