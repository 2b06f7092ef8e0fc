// Embree 4 called from C++, for benchmarks/embree.py: builds a scene of triangles and casts rays by its loops.
//
// What is declared here of Embree's interface is as in its rtcore.h, for the wheel that brings the library has
// no headers. The library is loaded by its path.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <dlfcn.h>
#include <limits>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace {

constexpr unsigned kNone = 0xFFFFFFFFu;
constexpr int kIndexBuffer = 0, kVertexBuffer = 1, kUint3 = 0x5003, kFloat3 = 0x9003, kMedium = 1;
constexpr long kChunk = 1024;

struct alignas(16) Ray {
    float o[3], near, d[3], time, far;
    unsigned mask, id, flags;
};
struct alignas(16) RayHit {
    Ray ray;
    float normal[3], u, v;
    unsigned prim, geometry, instance, instance_prim;
};
struct alignas(32) Ray8 {
    float o[3][8], near[8], d[3][8], time[8], far[8];
    unsigned mask[8], id[8], flags[8];
};
struct alignas(32) RayHit8 {
    Ray8 ray;
    float normal[3][8], u[8], v[8];
    unsigned prim[8], geometry[8], instance[8], instance_prim[8];
};

using Handle = void *;
struct Library {
    Handle (*NewDevice)(const char *);
    Handle (*NewScene)(Handle);
    Handle (*NewGeometry)(Handle, int);
    void (*SetSceneBuildQuality)(Handle, int);
    void (*SetSharedGeometryBuffer)(Handle, int, unsigned, int, const void *, size_t, size_t, size_t);
    void (*CommitGeometry)(Handle);
    unsigned (*AttachGeometry)(Handle, Handle);
    void (*ReleaseGeometry)(Handle);
    void (*CommitScene)(Handle);
    void (*ReleaseScene)(Handle);
    void (*ReleaseDevice)(Handle);
    void (*SetDeviceMemoryMonitorFunction)(Handle, bool (*)(void *, ssize_t, bool), void *);
    void (*Intersect1)(Handle, RayHit *, void *);
    void (*Occluded1)(Handle, Ray *, void *);
    void (*Intersect8)(const int *, Handle, RayHit8 *, void *);
} rtc;

std::atomic<long> bytes{0};

bool count_bytes(void *, ssize_t more, bool) {
    bytes += more;
    return true;
}

template <typename F> bool load(Handle library, const char *name, F &function) {
    function = reinterpret_cast<F>(dlsym(library, name));
    return function != nullptr;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void fill(Ray &ray, const float *from) {
    for (int k = 0; k < 3; ++k) {
        ray.o[k] = from[k];
        ray.d[k] = from[3 + k];
    }
    ray.near = 0;
    ray.time = 0;
    ray.far = 1e30f;
    ray.mask = kNone;
    ray.id = ray.flags = 0;
}

void closest(Handle scene, const float *rays, long first, long end, float *t, int *prims) {
    RayHit hit;
    for (long i = first; i < end; ++i) {
        fill(hit.ray, rays + 6 * i);
        hit.geometry = hit.instance = kNone;
        rtc.Intersect1(scene, &hit, nullptr);
        t[i] = hit.ray.far;
        prims[i] = hit.geometry == kNone ? -1 : static_cast<int>(hit.prim);
    }
}

void any(Handle scene, const float *rays, long first, long end, float *t, int *prims) {
    Ray ray;
    for (long i = first; i < end; ++i) {
        fill(ray, rays + 6 * i);
        rtc.Occluded1(scene, &ray, nullptr);
        t[i] = ray.far;
        prims[i] = ray.far < 0 ? 0 : -1;
    }
}

void closest8(Handle scene, const float *rays, long first, long end, float *t, int *prims) {
    alignas(32) int valid[8];
    RayHit8 hit;
    for (long i = first; i < end; i += 8) {
        for (int lane = 0; lane < 8; ++lane) {
            const long at = i + lane < end ? i + lane : i;
            valid[lane] = i + lane < end ? -1 : 0;
            for (int k = 0; k < 3; ++k) {
                hit.ray.o[k][lane] = rays[6 * at + k];
                hit.ray.d[k][lane] = rays[6 * at + 3 + k];
            }
            hit.ray.near[lane] = hit.ray.time[lane] = 0;
            hit.ray.far[lane] = 1e30f;
            hit.ray.mask[lane] = kNone;
            hit.ray.id[lane] = hit.ray.flags[lane] = 0;
            hit.geometry[lane] = hit.instance[lane] = kNone;
        }
        rtc.Intersect8(valid, scene, &hit, nullptr);
        for (int lane = 0; lane < 8 && i + lane < end; ++lane) {
            t[i + lane] = hit.ray.far[lane];
            prims[i + lane] = hit.geometry[lane] == kNone ? -1 : static_cast<int>(hit.prim[lane]);
        }
    }
}

} // namespace

struct Scene {
    Handle device, scene;
};

extern "C" {

// Whether the library at this path has what is needed.
int peer_load(const char *path) {
    Handle library = dlopen(path, RTLD_NOW);
    return library && load(library, "rtcNewDevice", rtc.NewDevice) &&
           load(library, "rtcNewScene", rtc.NewScene) &&
           load(library, "rtcNewGeometry", rtc.NewGeometry) &&
           load(library, "rtcSetSceneBuildQuality", rtc.SetSceneBuildQuality) &&
           load(library, "rtcSetSharedGeometryBuffer", rtc.SetSharedGeometryBuffer) &&
           load(library, "rtcCommitGeometry", rtc.CommitGeometry) &&
           load(library, "rtcAttachGeometry", rtc.AttachGeometry) &&
           load(library, "rtcReleaseGeometry", rtc.ReleaseGeometry) &&
           load(library, "rtcCommitScene", rtc.CommitScene) &&
           load(library, "rtcReleaseScene", rtc.ReleaseScene) &&
           load(library, "rtcReleaseDevice", rtc.ReleaseDevice) &&
           load(library, "rtcSetDeviceMemoryMonitorFunction", rtc.SetDeviceMemoryMonitorFunction) &&
           load(library, "rtcIntersect1", rtc.Intersect1) &&
           load(library, "rtcOccluded1", rtc.Occluded1) &&
           load(library, "rtcIntersect8", rtc.Intersect8);
}

// A scene of medium quality over points (with 16 bytes of room behind the last) and corners; both stay the
// caller's. Gives the seconds of the build alone and the bytes that the library then holds.
Scene *peer_build(const char *options, const float *points, long point_count, const unsigned *corners,
                  long count, double *seconds, long *held) {
    Scene *made = new Scene{rtc.NewDevice(options), nullptr};
    bytes = 0;
    rtc.SetDeviceMemoryMonitorFunction(made->device, count_bytes, nullptr);
    made->scene = rtc.NewScene(made->device);
    rtc.SetSceneBuildQuality(made->scene, kMedium);
    Handle mesh = rtc.NewGeometry(made->device, 0);
    rtc.SetSharedGeometryBuffer(mesh, kVertexBuffer, 0, kFloat3, points, 0, 12, point_count);
    rtc.SetSharedGeometryBuffer(mesh, kIndexBuffer, 0, kUint3, corners, 0, 12, count);
    rtc.CommitGeometry(mesh);
    rtc.AttachGeometry(made->scene, mesh);
    rtc.ReleaseGeometry(mesh);
    const auto start = std::chrono::steady_clock::now();
    rtc.CommitScene(made->scene);
    *seconds = seconds_since(start);
    *held = bytes;
    return made;
}

// Casts rays of six numbers each; kind 0: closest hit, 1: any hit, 2: closest hit by packets of eight.
double peer_cast(Scene *made, int kind, const float *rays, long count, int threads, float *t, int *prims) {
    const auto cast = kind == 0 ? closest : kind == 1 ? any : closest8;
    std::atomic<long> next{0};
    const auto pull = [&] {
        for (long first; (first = next.fetch_add(kChunk)) < count;)
            cast(made->scene, rays, first, first + kChunk < count ? first + kChunk : count, t, prims);
    };
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> others;
    for (int k = 1; k < threads; ++k)
        others.emplace_back(pull);
    pull();
    for (auto &other : others)
        other.join();
    return seconds_since(start);
}

void peer_free(Scene *made) {
    rtc.ReleaseScene(made->scene);
    rtc.ReleaseDevice(made->device);
    delete made;
}
}
