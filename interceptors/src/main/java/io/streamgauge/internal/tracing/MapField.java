package io.streamgauge.internal.tracing;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.streamgauge.MessageCarrier;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@code map<string, string>} field of a protobuf message, by its name. */
final class MapField implements MessageCarrier<Object> {

  private final FieldDescriptor field;

  /** The generated {@code getNameMap()}, which costs a call; null where there is none. */
  private final MethodHandle getter;

  private MapField(FieldDescriptor field, MethodHandle getter) {
    this.field = field;
    this.getter = getter;
  }

  /** Null if the type is no protobuf message or has no such field. */
  static MessageCarrier<Object> of(Class<?> type, String name) {
    if (!Message.class.isAssignableFrom(type)) {
      return null;
    }
    try {
      Descriptor descriptor = (Descriptor) type.getMethod("getDescriptor").invoke(null);
      FieldDescriptor field = descriptor.findFieldByName(name);
      return field != null && isTextMap(field) ? new MapField(field, getter(type, field)) : null;
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  private static MethodHandle getter(Class<?> type, FieldDescriptor field) {
    String name = field.getJsonName();
    String method = "get" + Character.toUpperCase(name.charAt(0)) + name.substring(1) + "Map";
    try {
      return MethodHandles.publicLookup()
          .findVirtual(type, method, MethodType.methodType(Map.class))
          .asType(MethodType.methodType(Map.class, Object.class));
    } catch (ReflectiveOperationException e) {
      // A name of its own for JSON, or a class that is not public: the descriptor knows it.
      return null;
    }
  }

  private static boolean isTextMap(FieldDescriptor field) {
    return field.isMapField()
        && field.getMessageType().findFieldByNumber(1).getType() == FieldDescriptor.Type.STRING
        && field.getMessageType().findFieldByNumber(2).getType() == FieldDescriptor.Type.STRING;
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // of strings, as the descriptor said
  public Map<String, String> read(Object message) {
    if (getter == null) {
      return slowly(message);
    }
    try {
      return (Map<String, String>) (Map) getter.invokeExact(message);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, String> slowly(Object message) {
    Map<String, String> values = new HashMap<>();
    for (Object entry : (List<?>) ((Message) message).getField(field)) {
      Message pair = (Message) entry;
      Descriptor type = pair.getDescriptorForType();
      values.put(
          (String) pair.getField(type.findFieldByNumber(1)),
          (String) pair.getField(type.findFieldByNumber(2)));
    }
    return values;
  }

  @Override
  public Object remove(Object message, Collection<String> keys) {
    Map<String, String> left = new HashMap<>(read(message));
    return left.keySet().removeAll(keys) ? replace(message, left) : message;
  }

  @Override
  public Object write(Object message, Map<String, String> values) {
    Map<String, String> all = new HashMap<>(read(message));
    all.putAll(values);
    return replace(message, all);
  }

  private Object replace(Object message, Map<String, String> all) {
    Message.Builder builder = ((Message) message).toBuilder().clearField(field);
    all.forEach(
        (key, value) -> {
          Message.Builder pair = builder.newBuilderForField(field);
          Descriptor type = pair.getDescriptorForType();
          pair.setField(type.findFieldByNumber(1), key);
          pair.setField(type.findFieldByNumber(2), value);
          builder.addRepeatedField(field, pair.build());
        });
    return builder.build();
  }
}
