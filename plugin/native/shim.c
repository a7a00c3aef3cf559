//go:build native

/* Orthanc's side of the plugin: its header is made of inline functions, which Go
   cannot call. What is decided, is decided in Go. */

#include <orthanc/OrthancCPlugin.h>

#include "shim.h"
#include "_cgo_export.h"

static OrthancPluginContext* context = NULL;

void dosegate_log(int level, const char* message) {
  switch (level) {
    case 0: OrthancPluginLogInfo(context, message); break;
    case 1: OrthancPluginLogWarning(context, message); break;
    default: OrthancPluginLogError(context, message);
  }
}

char* dosegate_configuration(void) { return OrthancPluginGetConfiguration(context); }

void dosegate_free_string(char* s) { OrthancPluginFreeString(context, s); }

static OrthancPluginErrorCode on_stored(const OrthancPluginDicomInstance* instance, const char* id) {
  goStored((void*)OrthancPluginGetInstanceData(context, instance), OrthancPluginGetInstanceSize(context, instance));
  return OrthancPluginErrorCode_Success;
}

static int32_t on_door(uint16_t* status, const OrthancPluginDicomInstance* instance) {
  return goDoor((void*)OrthancPluginGetInstanceData(context, instance), OrthancPluginGetInstanceSize(context, instance),
                (char*)OrthancPluginGetInstanceRemoteAet(context, instance), status);
}

static OrthancPluginReceivedInstanceAction on_received(OrthancPluginMemoryBuffer64* modified, const void* data, uint64_t size,
                                                       OrthancPluginInstanceOrigin origin) {
  goReceived((void*)data, (int64_t)size);
  return OrthancPluginReceivedInstanceAction_KeepAsIs;
}

void dosegate_listen(int stored, int door, int received) {
  if (stored) OrthancPluginRegisterOnStoredInstanceCallback(context, on_stored);
  if (door) OrthancPluginRegisterIncomingCStoreInstanceFilter(context, on_door);
  if (received) OrthancPluginRegisterReceivedInstanceCallback(context, on_received);
}

static OrthancPluginErrorCode on_window(OrthancPluginRestOutput* output, const char* url, const OrthancPluginHttpRequest* request) {
  if (request->method != OrthancPluginHttpMethod_Get) {
    OrthancPluginSendMethodNotAllowed(context, output, "GET");
    return OrthancPluginErrorCode_Success;
  }
  goWindow(output, (char*)url, (int)request->getCount, (char**)request->getKeys, (char**)request->getValues);
  return OrthancPluginErrorCode_Success;
}

void dosegate_window(const char* explorer) {
  OrthancPluginRegisterRestCallbackNoLock(context, "/dosegate", on_window);
  OrthancPluginRegisterRestCallbackNoLock(context, "/dosegate/.*", on_window);
  OrthancPluginExtendOrthancExplorer(context, explorer);
}

int dosegate_get(const char* uri, void** data, uint32_t* size) {
  OrthancPluginMemoryBuffer buffer;
  if (OrthancPluginRestApiGet(context, &buffer, uri) != OrthancPluginErrorCode_Success) return 0;
  *data = buffer.data;
  *size = buffer.size;
  return 1;
}

char* dosegate_lookup(const char* sop_instance) { return OrthancPluginLookupInstance(context, sop_instance); }

const char* dosegate_orthanc_version(void) { return context->orthancVersion; }

void dosegate_free(void* data) { context->Free(data); }

void dosegate_answer(void* output, const void* data, uint32_t size, const char* mime) {
  OrthancPluginAnswerBuffer(context, output, data, size, mime);
}

void dosegate_header(void* output, const char* key, const char* value) { OrthancPluginSetHttpHeader(context, output, key, value); }

void dosegate_status(void* output, uint16_t status, const void* data, uint32_t size) {
  OrthancPluginSendHttpStatus(context, output, status, data, size);
}

ORTHANC_PLUGINS_API int32_t OrthancPluginInitialize(OrthancPluginContext* c) {
  context = c;
  if (!OrthancPluginCheckVersionAdvanced(c, 1, 10, 0)) {
    OrthancPluginLogError(c, "dosegate: this plugin needs Orthanc 1.10 or newer, and does nothing");
    return 0;
  }
  OrthancPluginSetDescription(c, "Tells dosegate of dose reports, and shows its pages.");
  goInitialize();
  return 0; /* an Orthanc whose plugin fails does not start */
}

ORTHANC_PLUGINS_API void OrthancPluginFinalize(void) { goFinalize(); }

ORTHANC_PLUGINS_API const char* OrthancPluginGetName(void) { return "dosegate"; }

ORTHANC_PLUGINS_API const char* OrthancPluginGetVersion(void) { return "1"; }
